using LipSol.Language.Decoding;

namespace LipSol.Corpus.Samples;

/// <summary>Whether a sentence model can be trained and measured on a corpus.</summary>
public static class SentenceModelCheck
{
    /// <summary>What stands in the way; empty when nothing does.</summary>
    /// <param name="manifest">The corpus.</param>
    /// <param name="alphabet">The letters that the model knows; null: those said in <c>train</c>.</param>
    public static IReadOnlyList<CorpusProblem> Problems(CorpusManifest manifest, Alphabet? alphabet = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var problems = new List<CorpusProblem>();
        void Problem(string message) => problems.Add(new CorpusProblem(manifest.Name, null, message));
        if (manifest.Clips.All(c => c.MouthClip is null)) Problem("has no mouth clips: prepare it first (`lipsol corpus import` or `lipsol corpus synth`)");
        var known = alphabet ?? SentenceSamples.Alphabet(manifest);
        foreach (var split in Enum.GetValues<Split>())
        {
            var samples = SentenceSamples.From(manifest, split).Samples;
            if (samples.Count == 0) Problem($"has no usable clip in {split.ToString().ToLowerInvariant()}");
            problems.AddRange(samples.SelectMany(s => Transcript(s.Clip, known, isTheModels: alphabet is not null)));
        }
        problems.AddRange(SplitLeaks.Problems(manifest));
        problems.AddRange(WordTimes.Problems(manifest));
        return problems;
    }

    /// <summary>Throws where anything stands in the way.</summary>
    /// <exception cref="CorpusProblemsException">All that does.</exception>
    public static void Demand(CorpusManifest manifest, Alphabet? alphabet = null) => CorpusProblemsException.ThrowIfAny(Problems(manifest, alphabet));

    private static IEnumerable<CorpusProblem> Transcript(CorpusClip clip, Alphabet alphabet, bool isTheModels)
    {
        if (clip.Text.Length == 0)
        {
            yield return new CorpusProblem(clip.Path, null, "has an empty transcript: write down what is said, or take the clip out");
            yield break;
        }
        var unknown = alphabet.Foreign(clip.Text);
        if (unknown.Count > 0)
        {
            yield return new CorpusProblem(clip.Path, null, $"says {string.Join(' ', unknown.Select(r => $"'{r}'"))} ('{clip.Text}'), which {(isTheModels ? "is not in the model's alphabet" : "no clip in train says: nothing can be learnt about it")}. Correct the transcript, or {(isTheModels ? "use a model of this alphabet" : "move such a clip to train")}");
            yield break;
        }
        var needed = FramesNeeded(alphabet.Encode(clip.Text));
        if (clip.Frames < needed)
            yield return new CorpusProblem(clip.Path, null, $"has {clip.Frames} frames, too few for its {clip.Text.EnumerateRunes().Count()} letters: CTC needs one a letter and one more between equal neighbours, {needed} ('{clip.Text}'). The transcript belongs to another clip, or the clip was cut short: correct one of the two, or take the clip out");
    }

    /// <summary>The fewest frames in which CTC can say <paramref name="letters"/>: one each, and a blank between equal neighbours.</summary>
    public static int FramesNeeded(ReadOnlySpan<int> letters)
    {
        var needed = letters.Length;
        for (var i = 1; i < letters.Length; i++) if (letters[i] == letters[i - 1]) needed++;
        return needed;
    }
}
