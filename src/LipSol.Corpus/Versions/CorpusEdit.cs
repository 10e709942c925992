using LipSol.Language.Text;

namespace LipSol.Corpus;

/// <summary>Changes to a corpus' clips, by their ids or paths, as a new version gets them.</summary>
public sealed class CorpusEdit
{
    private readonly Dictionary<string, (string? Text, Split? Split)> _labels = new(StringComparer.Ordinal);
    private readonly HashSet<string> _excluded = new(StringComparer.Ordinal);

    /// <summary>Leaves a clip out.</summary>
    public void Exclude(string clip) => _excluded.Add(clip);

    /// <summary>Gives a clip another transcript or another split; null leaves it as it is. Word times of another transcript are gone: `corpus align` finds new ones.</summary>
    public void Label(string clip, string? text, Split? split) => _labels[clip] = (text, split);

    /// <summary>Reads labels from a file: <c>clip,text,split</c>, the last two may be left out or empty.</summary>
    /// <exception cref="CorpusProblemsException">It can't be read; it holds every reason.</exception>
    public void ReadLabels(string file)
    {
        var problems = new List<CorpusProblem>();
        foreach (var (line, clip, text, split) in ClipLabelsCsv.Read(file, problems)) Label(clip, text, split);
        CorpusProblemsException.ThrowIfAny(problems);
    }

    /// <summary>The manifest with the changes. The one given stays as it is.</summary>
    /// <exception cref="CorpusProblemsException">A clip isn't in the corpus, or a transcript holds no letter.</exception>
    public CorpusManifest Apply(CorpusManifest corpus)
    {
        var known = corpus.Clips.SelectMany(c => new[] { c.Id, c.Path }).ToHashSet(StringComparer.Ordinal);
        var problems = _excluded.Concat(_labels.Keys).Where(c => !known.Contains(c)).Distinct().Order(StringComparer.Ordinal).Select(c => new CorpusProblem(c, null, $"is no clip of {corpus.Name}")).ToList();
        var clips = corpus.Clips.Where(c => !_excluded.Contains(c.Id) && !_excluded.Contains(c.Path)).Select(c => Labelled(c, corpus.Language, problems)).ToArray();
        if (clips.Length == 0) problems.Add(new CorpusProblem(corpus.Name, null, "would have no clip left"));
        CorpusProblemsException.ThrowIfAny(problems);
        return corpus with { Clips = clips };
    }

    private CorpusClip Labelled(CorpusClip clip, string language, List<CorpusProblem> problems)
    {
        if (!_labels.TryGetValue(clip.Id, out var label) && !_labels.TryGetValue(clip.Path, out label)) return clip;
        if (label.Split is { } split) clip = clip with { Split = split };
        if (label.Text is null) return clip;
        var text = Transcripts.Normalise(label.Text, language);
        if (text.Length == 0) problems.Add(new CorpusProblem(clip.Id, null, $"would have no transcript: '{label.Text}' holds no letter"));
        return text == clip.Text ? clip : clip with { Text = text, Words = [], WordsFoundBy = null };
    }
}
