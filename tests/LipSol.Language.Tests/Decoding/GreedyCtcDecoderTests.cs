using LipSol.Language.Decoding;

namespace LipSol.Language.Tests.Decoding;

public sealed class GreedyCtcDecoderTests
{
    [Theory]
    [InlineData("0110220", "12")]
    [InlineData("1101", "11")]
    [InlineData("1221", "121")]
    [InlineData("000", "")]
    [InlineData("", "")]
    public void Repeats_merge_unless_a_blank_stands_between(string path, string text)
    {
        var logProbs_TV = path.SelectMany(c => Enumerable.Range(0, 3).Select(v => MathF.Log(v == c - '0' ? 0.8f : 0.1f))).ToArray();
        var (letters, score) = GreedyCtcDecoder.Decode(logProbs_TV, 3);
        Assert.Equal(text, string.Concat(letters));
        Assert.Equal(path.Length * Math.Log(0.8), score, 5);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_broken_network_output_is_refused(float value) =>
        Assert.Throws<ArgumentException>(() => GreedyCtcDecoder.Decode([-1, value, -1], 3));

    [Fact]
    public void Half_a_frame_is_refused() => Assert.Throws<ArgumentException>(() => GreedyCtcDecoder.Decode([-1, -1, -1, -1], 3));
}
