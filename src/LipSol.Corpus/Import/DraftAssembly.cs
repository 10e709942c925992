using LipSol.Language.Decoding;
using LipSol.Language.Text;

namespace LipSol.Corpus.Import;

/// <summary>Turns found clips into a draft: normalises, hashes, checks everything that can be wrong, divides what has no split.</summary>
internal sealed class DraftAssembly(string folder, ImportOptions options, string language)
{
    private readonly string _language = options.Language ?? language;

    public List<CorpusProblem> Problems { get; } = [];

    public List<CorpusProblem> Warnings { get; } = [];

    public required string Importer { get; init; }

    public required string? Attribution { get; init; }

    /// <summary>The grammar that the importer's sentences follow, where it knows one.</summary>
    public Grammar? Grammar { get; init; }

    /// <summary>Speakers by name, where only some were asked for.</summary>
    public bool Wanted(string speaker) => options.Speakers.Count == 0 || options.Speakers.Contains(speaker);

    public CorpusDraft Finish(IReadOnlyList<FoundClip> found)
    {
        if (found.Count == 0 && Problems.Count == 0) Problems.Add(new CorpusProblem(".", null, Nothing()));
        var clips = Hashed(found);
        Duplicates(clips);
        var grammar = GivenGrammar();
        var divided = clips.All(c => c.Found.Split is not null);
        IReadOnlyDictionary<string, Split> splits = new Dictionary<string, Split>();
        if (!divided && Problems.Count == 0)
        {
            splits = Division.Of([.. clips.Select(c => c.Clip)], options, out var by, out var problem);
            if (problem is not null) Problems.Add(problem);
            Warnings.Add(new CorpusProblem(".", null, $"No split was given: divided by {by}, seed {options.Seed}."));
        }
        CorpusProblemsException.ThrowIfAny([.. Problems.OrderBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line)]);
        var finished = WithIds(clips.Select(c => divided ? c.Clip : c.Clip with { Split = splits[c.Clip.Path] }));
        var words = finished.SelectMany(c => Transcripts.Words(c.Text)).Distinct().Take(2).ToArray();
        if (words.Length == 1) Warnings.Add(new CorpusProblem(".", null, $"Every clip says '{words[0]}': a word model needs at least two words."));
        return new CorpusDraft(new CorpusManifest
        {
            Name = options.Name,
            Kind = CorpusKind.Recorded,
            Language = _language,
            Origin = Origin(divided),
            Attribution = options.Attribution ?? Attribution,
            Grammar = grammar is null ? OwnGrammar(finished) : Kept(grammar, finished),
            Clips = finished,
        }, folder, Warnings);
    }

    private Grammar? GivenGrammar()
    {
        var path = options.GrammarFile ?? (File.Exists(Path.Combine(folder, SentenceGrammars.FileName)) ? Path.Combine(folder, SentenceGrammars.FileName) : null);
        if (path is null) return null;
        try
        {
            return SentenceGrammars.Read(path, _language);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            Problems.Add(new CorpusProblem(options.GrammarFile ?? SentenceGrammars.FileName, null, $"holds no grammar: {e.Message}"));
            return null;
        }
    }

    // Given by hand, it's taken as it is: some clips may well say something else.
    private Grammar Kept(Grammar grammar, CorpusClip[] clips)
    {
        if (Others(grammar, clips) is { Length: > 0 } others) Warnings.Add(new CorpusProblem(".", null, $"{others.Length} of {clips.Length} clips don't follow the grammar, {others[0].Path} ('{others[0].Text}') among them: a decoder with the grammar can't read them."));
        return grammar;
    }

    private Grammar? OwnGrammar(CorpusClip[] clips)
    {
        if (Grammar is null || Others(Grammar, clips) is not { Length: > 0 } others) return Grammar;
        // Of a corpus of single words nobody expects sentences.
        if (others.Length < clips.Length) Warnings.Add(new CorpusProblem(".", null, $"{others.Length} of {clips.Length} clips don't follow the sentences of this kind of corpus, {others[0].Path} ('{others[0].Text}') among them: it gets no grammar. Give one with --grammar FILE if there is one."));
        return null;
    }

    private static CorpusClip[] Others(Grammar grammar, CorpusClip[] clips) => [.. clips.Where(c => !grammar.Accepts(c.Text))];

    private string Nothing() => options.Speakers.Count == 0
        ? "no clip was found in this folder"
        : $"no clip of {string.Join(", ", options.Speakers)} was found in this folder";

    private Dictionary<string, string> Origin(bool divided)
    {
        var origin = new Dictionary<string, string> { ["importer"] = Importer };
        if (!divided) (origin["split-by"], origin["seed"]) = (options.SplitBy.ToString().ToLowerInvariant(), $"{options.Seed}");
        if (options.Speakers.Count > 0) origin["speakers"] = string.Join(',', options.Speakers);
        if (options.MouthCrops) origin["mouth-crops"] = "true";
        return origin;
    }

    private List<(FoundClip Found, CorpusClip Clip)> Hashed(IReadOnlyList<FoundClip> found)
    {
        var results = new (CorpusClip? Clip, CorpusProblem? Problem)[found.Count];
        Parallel.For(0, found.Count, i => results[i] = Check(found[i]));
        var clips = new List<(FoundClip, CorpusClip)>();
        for (var i = 0; i < found.Count; i++)
        {
            if (results[i].Problem is { } problem) Problems.Add(problem);
            if (results[i].Clip is { } clip) clips.Add((found[i], clip));
        }
        return clips;
    }

    private (CorpusClip?, CorpusProblem?) Check(FoundClip found)
    {
        var text = Transcripts.Normalise(found.Text, _language);
        if (text.Length == 0)
            return (null, found.Problem($"{found.Path} has no transcript{(string.IsNullOrWhiteSpace(found.Text) ? "" : $" ('{found.Text.Trim()}' holds no letter)")}: write down what is said, or take the clip out"));
        if (found.Speaker.Length == 0) return (null, found.Problem($"{found.Path} has no speaker"));
        if (!ClipSource.IsInside(found.Path)) return (null, found.Problem($"{found.Path} is not inside the corpus' folder: give paths relative to it, without '..'"));
        var full = Path.Combine(folder, found.Path);
        try
        {
            if (ClipSource.Why(full) is { } why) return (null, found.Problem($"{found.Path} {why}"));
            var hash = ClipSource.Hash(full, found.Sha256, out var sha256);
            if (found.Sha256 is { Length: > 0 } wanted && sha256 is not null && !wanted.Equals(sha256, StringComparison.OrdinalIgnoreCase))
                return (null, found.Problem($"{found.Path} is not the file that was listed: its SHA-256 is {sha256}, not {wanted}"));
            return (new CorpusClip
            {
                Id = Path.ChangeExtension(found.Path, null),
                Path = found.Path,
                ContentHash = hash,
                Speaker = found.Speaker,
                Split = found.Split ?? Split.Train,
                Text = text,
                Words = [.. found.Words.Select(w => w with { Word = Transcripts.Normalise(w.Word, _language) })],
            }, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, found.Problem($"{found.Path} can't be read: {e.Message}"));
        }
    }

    private void Duplicates(List<(FoundClip Found, CorpusClip Clip)> clips)
    {
        foreach (var copies in clips.GroupBy(c => c.Clip.Path).Where(g => g.Count() > 1))
            foreach (var copy in copies.Skip(1))
                Problems.Add(copy.Found.Problem($"{copy.Clip.Path} is listed twice{At(copies.First().Found)}"));
        foreach (var copies in clips.DistinctBy(c => c.Clip.Path).GroupBy(c => c.Clip.ContentHash).Where(g => g.Count() > 1))
        {
            var first = copies.First();
            foreach (var copy in copies.Skip(1))
            {
                var splits = first.Found.Split is { } a && copy.Found.Split is { } b && a != b ? $", one in {Name(a)} and one in {Name(b)}" : "";
                Problems.Add(copy.Found.Problem($"{copy.Clip.Path} is a copy of {first.Clip.Path}{At(first.Found)}{splits}: keep one of the two"));
            }
        }
        if (clips.Any(c => c.Found.Split is null))
            foreach (var (found, clip) in clips.Where(_ => clips.Any(c => c.Found.Split is not null)).Where(c => c.Found.Split is null))
                Problems.Add(found.Problem($"{clip.Path} has no split, while others have: give every clip one, or none"));
    }

    private static string At(FoundClip found) => found.Line is null ? "" : $" (line {found.Line})";

    private static string Name(Split split) => split.ToString().ToLowerInvariant();

    // Where two recordings differ in their extension alone, the extension stays in the id.
    private static CorpusClip[] WithIds(IEnumerable<CorpusClip> clips) =>
        [.. clips.GroupBy(c => c.Id).SelectMany(g => g.Count() == 1 ? g : g.Select(c => c with { Id = c.Path })).OrderBy(c => c.Id, StringComparer.Ordinal)];
}
