using LipSol.Cli.CommandLine;
using LipSol.Cli.Models;

namespace LipSol.Cli.Tests.Models;

public sealed class ThresholdsTests
{
    [Fact]
    public void A_number_is_that_of_the_figure_compared_by_and_others_are_named()
    {
        var (own, others) = Thresholds.Read(["0.9", "wer.unseen=0.3", "word_accuracy.speaker:a=b=0.5"]);
        Assert.Equal(0.9, own);
        Assert.Equal([("wer.unseen", 0.3), ("word_accuracy.speaker:a=b", 0.5)], others.Select(o => (o.Key, o.Value)));
        Assert.Equal((null, 0), (Thresholds.Read([]).Own, Thresholds.Read([]).Others.Count));
    }

    [Theory]
    [InlineData("high")]
    [InlineData("wer=")]
    [InlineData("NaN")]
    [InlineData("0.8", "0.9")]
    [InlineData("wer=0.3", "wer=0.2")]
    public void What_is_no_threshold_or_given_twice_is_refused(params string[] given) => Assert.Contains(given[^1], Assert.Throws<BadInputException>(() => Thresholds.Read(given)).Message);
}
