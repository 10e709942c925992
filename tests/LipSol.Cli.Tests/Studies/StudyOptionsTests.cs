using LipSol.Cli.CommandLine;
using LipSol.Cli.Models;
using LipSol.Cli.Studies;

namespace LipSol.Cli.Tests.Studies;

public sealed class StudyOptionsTests
{
    [Theory]
    [InlineData("1", new long[] { 1 })]
    [InlineData("1,2,3", new long[] { 1, 2, 3 })]
    [InlineData("2-4, 9", new long[] { 2, 3, 4, 9 })]
    public void Seeds_are_a_list_or_a_range(string text, long[] seeds) => Assert.Equal(seeds, StudyOptions.ParseSeeds(text));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("3-1")]
    [InlineData("1,1")]
    [InlineData("1-1000")]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("1-2-3")]
    [InlineData("99999999999999999999")]
    public void What_is_no_list_of_seeds_is_refused(string text) => Assert.Contains("--seeds", Assert.Throws<BadInputException>(() => StudyOptions.ParseSeeds(text)).Message);

    [Fact]
    public void Sizes_may_end_with_all()
    {
        Assert.Equal([50, 100, null], StudyOptions.ParseSizes("--clips", "50, 100,all"));
        foreach (var text in new[] { "50", "0,10", "all", "50,many", "" }) Assert.Throws<BadInputException>(() => StudyOptions.ParseSizes("--clips", text));
    }

    [Theory]
    [InlineData("learning-curve --corpus c --model word-tcn", "--clips")]
    [InlineData("learning-curve --corpus c --model word-tcn --clips 1,2 --speakers 1,2", "--clips")]
    [InlineData("learning-curve --corpus c --model word-tcn --clips 5", "two sizes")]
    [InlineData("learning-curve --corpus c --model word-tcn --clips 1,2 --metric bleu", "--metric")]
    [InlineData("learning-curve --corpus c --model word-tcn --clips 1,2 --set train_clips=7", "train_clips")]
    [InlineData("cross-validate --corpus c --model word-tcn --metric word_accuracy.everyone", "--metric")]
    [InlineData("train --corpus c --model word-tcn --seeds 1,x", "--seeds")]
    [InlineData("train --corpus c --model char-tcn --map a.yaml", "--init-from")]
    [InlineData("train --corpus c --model char-tcn --freeze visual --freeze-epochs 2", "--init-from")]
    [InlineData("train --corpus c --model char-tcn --init-from a --freeze visual", "--freeze-epochs")]
    [InlineData("train --corpus c --model char-tcn --init-from a --freeze-epochs 2", "--freeze")]
    [InlineData("train --corpus c --model char-tcn --init-from a --freeze eyes --freeze-epochs 2", "visual")]
    [InlineData("train --corpus c --model char-tcn --init-from a --freeze visual --freeze-epochs 0", "1 or more")]
    [InlineData("train --corpus c --model char-tcn --init-from a --freeze visual --freeze-epochs 2 --set freeze=encoder", "twice")]
    [InlineData("learning-curve --corpus c --model char-tcn --clips 1,2 --map a.yaml", "--init-from")]
    [InlineData("cross-validate --corpus c --model char-tcn --freeze visual --freeze-epochs 2", "--init-from")]
    [InlineData("learning-curve --corpus c --model word-tcn --clips 1,2 --target 3", "--target")]
    [InlineData("evaluate --model a@ --corpus c", "a@")]
    [InlineData("evaluate --model a@1 --version-number 2 --corpus c", "once")]
    [InlineData("evaluate --model a --against b --corpus c --decoder all", "one decoder")]
    [InlineData("evaluate --model a --corpus c --decoder every", "every")]
    [InlineData("models import nowhere.zip", "nowhere.zip")]
    [InlineData("models saliency m nowhere.mp4", "nowhere.mp4")]
    public async Task Bad_input_is_told_before_a_node_is_started(string line, string said)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(2, await LipSolCommandLine.RunAsync(line.Split(' '), output, error, TestContext.Current.CancellationToken));
        Assert.Contains(said, error.ToString());
    }

    [Fact]
    public void A_model_without_a_version_is_the_one_in_production() => Assert.Equal("production", ModelArgument.Parse("m").Alias);
}
