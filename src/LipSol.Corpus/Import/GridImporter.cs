using LipSol.Language.Text;

namespace LipSol.Corpus.Import;

/// <summary>Imports the GRID corpus (Cooke, Barker, Cunningham, Shao 2006): <c>SPEAKER/video/ID.mpg</c> with <c>SPEAKER/align/ID.align</c>.</summary>
/// <remarks>
/// Where <c>labels.csv</c> is at the root, it decides which clips there are, their speakers, splits and transcripts; clips it lists outside the
/// speakers' folders have no word times. A clip without an alignment takes its sentence from its name, which GRID spells out (<c>bbaf2n</c>: bin blue at f two now).
/// </remarks>
public static class GridImporter
{
    private const string Attribution = "GRID audiovisual sentence corpus: M. Cooke, J. Barker, S. Cunningham, X. Shao, JASA 120(5), 2006; Zenodo record 3625687; CC BY 4.0";

    private static readonly Dictionary<char, string>[] Grammar =
    [
        Words("bin lay place set"), Words("blue green red white"), Words("at by in with"),
        Enumerable.Range('a', 26).ToDictionary(c => (char)c, c => ((char)c).ToString()),
        Words("one two three four five six seven eight nine", "123456789").Append(new('z', "zero")).ToDictionary(),
        Words("again now please soon"),
    ];

    /// <summary>Reads and checks the folder.</summary>
    /// <exception cref="CorpusProblemsException">Everything that's wrong, with its file and line.</exception>
    public static CorpusDraft Import(string folder, ImportOptions options)
    {
        SourceFolder.Check(folder);
        var assembly = new DraftAssembly(folder, options, language: "en") { Importer = "grid", Attribution = Attribution, Grammar = LipSol.Language.Decoding.Grammar.Grid };
        var aligns = new List<string>();
        var found = File.Exists(Path.Combine(folder, LabelsCsv.FileName)) ? FromLabels(folder, assembly, aligns) : FromLayout(folder, assembly, aligns);
        if (options.Speakers.Count == 0) assembly.Warnings.AddRange(SourceFolder.Orphans(folder, aligns));
        return assembly.Finish(found);
    }

    /// <summary>The sentence that a GRID id spells, or null where it is none.</summary>
    internal static string? Sentence(string id) => id.Length == Grammar.Length && id.Zip(Grammar).All(x => x.Second.ContainsKey(x.First))
        ? string.Join(' ', id.Zip(Grammar).Select(x => x.Second[x.First])) : null;

    private static List<FoundClip> FromLabels(string folder, DraftAssembly assembly, List<string> aligns)
    {
        var found = new List<FoundClip>();
        foreach (var row in LabelsCsv.Read(folder, assembly.Problems).Where(r => assembly.Wanted(r.Speaker)))
        {
            var words = Times(folder, row.Path, assembly, aligns);
            if (words.Count > 0 && !words.Select(w => w.Word).SequenceEqual(Transcripts.Words(PlainText.Normalise(row.Text))))
            {
                assembly.Problems.Add(new CorpusProblem(LabelsCsv.FileName, row.Line,
                    $"{row.Path} is '{row.Text}' here, but '{string.Join(' ', words.Select(w => w.Word))}' in its alignment"));
            }
            found.Add(new FoundClip(row.Path, row.Speaker, row.Split, row.Text, words, LabelsCsv.FileName, row.Line) { Sha256 = row.Sha256 });
        }
        var listed = found.Select(f => f.Path).ToHashSet();
        foreach (var (speaker, video) in SourceFolder.Recordings(folder))
            if (!listed.Contains(video) && assembly.Wanted(speaker)) assembly.Warnings.Add(new CorpusProblem(video, null, "is not in labels.csv: left out"));
        return found;
    }

    private static List<FoundClip> FromLayout(string folder, DraftAssembly assembly, List<string> aligns)
    {
        var found = new List<FoundClip>();
        foreach (var (speaker, video) in SourceFolder.Recordings(folder).Where(r => assembly.Wanted(r.Speaker)))
        {
            var words = Times(folder, video, assembly, aligns);
            var spelt = Sentence(Path.GetFileNameWithoutExtension(video));
            var aligned = string.Join(' ', words.Select(w => w.Word));
            if (words.Count > 0 && spelt is not null && spelt != aligned)
                assembly.Warnings.Add(new CorpusProblem(video, null, $"is named '{spelt}' but aligned as '{aligned}': the alignment is taken"));
            if (words.Count == 0 && spelt is null) assembly.Problems.Add(new CorpusProblem(video, null, "has no alignment, and its name is not a sentence of GRID's"));
            else found.Add(new FoundClip(video, speaker, null, words.Count > 0 ? aligned : spelt!, words, video, null));
        }
        return found;
    }

    private static IReadOnlyList<WordTime> Times(string folder, string video, DraftAssembly assembly, List<string> aligns)
    {
        if (video.Split('/') is not [var speaker, "video", var file]) return [];
        var align = $"{speaker}/align/{Path.GetFileNameWithoutExtension(file)}.align";
        if (!File.Exists(Path.Combine(folder, align)))
        {
            assembly.Warnings.Add(new CorpusProblem(video, null, "has no alignment: its words' times will be estimated"));
            return [];
        }
        aligns.Add(align);
        return [.. AlignFile.ReadGrid(folder, align, assembly.Problems).Select(w => w with { Word = PlainText.Normalise(w.Word) })];
    }

    private static Dictionary<char, string> Words(string words, string? keys = null) =>
        words.Split(' ').Select((word, i) => (Key: keys is null ? word[0] : keys[i], word)).ToDictionary(x => x.Key, x => x.word);
}
