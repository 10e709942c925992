using LipSol.Language.Alignment;
using LipSol.Language.Decoding;
using LipSol.Language.Tests.Decoding;

namespace LipSol.Language.Tests.Alignment;

public sealed class CtcAlignerTests
{
    private static readonly Alphabet Letters = new(["a", "b", " "]);

    [Theory]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("aa")]
    [InlineData("a b")]
    [InlineData("abb")]
    [InlineData("aaa")]
    public void The_path_is_the_likeliest_of_all_that_spell_the_text(string text)
    {
        var random = new Random(text.Length);
        for (var round = 0; round < 40; round++)
        {
            var frames = CtcAligner.FramesNeeded(Letters.Encode(text)) + round % 3;
            var logProbs_TV = Enumeration.Random(random, frames, 4, 1 + round % 4);
            var (score, path) = Likeliest(logProbs_TV, text);
            var aligned = CtcAligner.Align(logProbs_TV, Letters, text);
            Assert.Equal(score, aligned.Score, 6);
            Assert.Equal(Runs(path), aligned.Letters.Select(l => (l.Text, l.Start, l.End)));
        }
    }

    [Fact]
    public void Letters_and_words_get_the_frames_of_a_clear_output()
    {
        var alphabet = Alphabet.From(["آپ کون"]);
        var path = "..آآپ.. .ککوون.";
        var logProbs_TV = path.SelectMany(c => Enumerable.Range(0, alphabet.Count).Select(v => MathF.Log(v == (c == '.' ? 0 : alphabet.Encode(c.ToString())[0]) ? 0.9f : 0.02f))).ToArray();
        var aligned = CtcAligner.Align(logProbs_TV, alphabet, "آپ کون");
        Assert.Equal([("آپ", 2, 7), ("کون", 7, 14)], aligned.Words.Select(w => (w.Text, w.Start, w.End)));
        Assert.Equal([("آ", 2, 4), ("پ", 4, 5), (" ", 7, 8), ("ک", 9, 11), ("و", 11, 13), ("ن", 13, 14)], aligned.Letters.Select(l => (l.Text, l.Start, l.End)));
    }

    [Theory]
    [InlineData("", TranscriptProblem.Empty)]
    [InlineData("  ", TranscriptProblem.Empty)]
    [InlineData("abc", TranscriptProblem.OutsideAlphabet)]
    [InlineData("ababa", TranscriptProblem.TooLong)]
    public void A_transcript_that_cannot_be_aligned_is_refused_with_the_reason(string text, TranscriptProblem problem)
    {
        Assert.Equal(problem, Assert.Throws<UnusableTranscriptException>(() => CtcAligner.Align(Enumeration.Random(new Random(1), 4, 4), Letters, text)).Problem);
    }

    [Fact]
    public void Repeated_letters_need_a_frame_more_each()
    {
        CtcAligner.Align(Enumeration.Random(new Random(1), 4, 4), Letters, "aab");
        var refusal = Assert.Throws<UnusableTranscriptException>(() => CtcAligner.Align(Enumeration.Random(new Random(1), 3, 4), Letters, "aab"));
        Assert.Equal("The transcript 'aab' needs at least 4 frames (one a letter and a blank between equal neighbours); the clip has 3.", refusal.Message);
    }

    [Fact]
    public void A_text_that_the_network_excludes_is_aligned_all_the_same()
    {
        var never = float.NegativeInfinity;
        float[] logProbs_TV = [0, never, never, never, never, 0, never, never, 0, never, never, never];
        Assert.Equal([("a", 1, 2), ("b", 2, 3)], CtcAligner.Align(logProbs_TV, Letters, "ab").Letters.Select(l => (l.Text, l.Start, l.End)));
    }

    private static (double Score, int[] Path) Likeliest(float[] logProbs_TV, string text)
    {
        var frames = logProbs_TV.Length / 4;
        var (best, bestPath) = (double.NegativeInfinity, Array.Empty<int>());
        for (var number = 0; number < 1 << (2 * frames); number++)
        {
            var path = Enumerable.Range(0, frames).Select(t => (number >> (2 * t)) & 3).ToArray();
            if (string.Concat(path.Where((v, t) => v != 0 && (t == 0 || path[t - 1] != v)).Select(v => "ab "[v - 1])) != text) continue;
            var score = path.Select((v, t) => (double)logProbs_TV[t * 4 + v]).Sum();
            if (score > best) (best, bestPath) = (score, path);
        }
        return (best, bestPath);
    }

    private static List<(string, int, int)> Runs(int[] path)
    {
        var runs = new List<(string, int, int)>();
        for (var t = 0; t < path.Length; t++)
        {
            var start = t;
            while (t + 1 < path.Length && path[t + 1] == path[start]) t++;
            if (path[start] != 0) runs.Add(("ab "[path[start] - 1].ToString(), start, t + 1));
        }
        return runs;
    }

    [Fact]
    public void Words_share_the_pause_between_them_and_keep_their_outer_edges()
    {
        AlignedText[] letters = [new("a", 3, 4), new("b", 4, 5), new(" ", 6, 7), new("b", 8, 9), new(" ", 9, 10), new(" ", 10, 11), new("a", 11, 12)];
        var words = new CtcAlignment(0, letters).Words;
        Assert.Equal([("ab", 3, 6.5), ("b", 6.5, 10), ("a", 10, 12)], words.Select(w => (w.Text, w.Start, w.End)));
        Assert.Equal([letters[0], letters[1]], words[0].Letters);
        Assert.Empty(new CtcAlignment(0, []).Words);
        Assert.Empty(new CtcAlignment(0, [new(" ", 0, 1)]).Words);
    }
}
