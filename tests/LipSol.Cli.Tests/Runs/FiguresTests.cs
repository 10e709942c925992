using LipSol.Cli.Runs;
using LipSol.Client;

namespace LipSol.Cli.Tests.Runs;

public sealed class FiguresTests
{
    [Fact]
    public void A_list_tells_the_accuracy_of_words_and_the_error_rate_of_sentences()
    {
        var words = new Dictionary<string, Estimate> { ["word_accuracy"] = new(0.885, 0.863, 0.91, 480), ["wer"] = new(0.115, 0.09, 0.138, 480) };
        Assert.Equal("words right 88.5 % [86.3, 91.0], n = 480", Figures.Headline(words));
        Assert.Equal("WER 11.5 % [9.0, 13.8], n = 480", Figures.Headline(new Dictionary<string, Estimate>(words) { ["sentence_accuracy"] = new(0.5, 0.4, 0.6, 80) }));
        Assert.Equal("", Figures.Headline(new Dictionary<string, Estimate>()));
    }
}
