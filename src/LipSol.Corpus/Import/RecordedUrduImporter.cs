using LipSol.Language.Decoding;
using LipSol.Language.Text;

namespace LipSol.Corpus.Import;

/// <summary>Imports the project's recorded Urdu corpus: <c>SPEAKER/video/ID_video.avi</c> with <c>SPEAKER/align/ID.align</c> (<c>word start end</c> in seconds, <c>س</c> for silence).</summary>
/// <remarks>Where <c>labels.csv</c> is at the root, it gives speakers and splits; transcripts come from the alignments, and the two must agree.</remarks>
public static class RecordedUrduImporter
{
    private const string Suffix = "_video";

    /// <summary>Reads and checks the folder.</summary>
    /// <exception cref="CorpusProblemsException">Everything that's wrong, with its file and line.</exception>
    public static CorpusDraft Import(string folder, ImportOptions options)
    {
        SourceFolder.Check(folder);
        var assembly = new DraftAssembly(folder, options, language: "ur") { Importer = "urdu", Attribution = null, Grammar = Grammar.Urdu };
        var labels = File.Exists(Path.Combine(folder, LabelsCsv.FileName))
            ? LabelsCsv.Read(folder, assembly.Problems).GroupBy(r => r.Path).ToDictionary(g => g.Key, g => g.First()) : [];
        var aligns = new List<string>();
        var found = new List<FoundClip>();
        foreach (var (speaker, video) in SourceFolder.Recordings(folder).Where(r => assembly.Wanted(r.Speaker)))
        {
            var id = Path.GetFileNameWithoutExtension(video);
            var align = $"{speaker}/align/{(id.EndsWith(Suffix, StringComparison.Ordinal) ? id[..^Suffix.Length] : id)}.align";
            if (!File.Exists(Path.Combine(folder, align)))
            {
                assembly.Problems.Add(new CorpusProblem(video, null, $"has no alignment {align}"));
                continue;
            }
            aligns.Add(align);
            var words = AlignFile.ReadUrdu(folder, align, assembly.Problems);
            var text = string.Join(' ', words.Select(w => w.Word));
            var label = labels.GetValueOrDefault(video);
            if (label is not null && UrduText.Normalise(label.Text) != UrduText.Normalise(text))
                assembly.Problems.Add(new CorpusProblem(LabelsCsv.FileName, label.Line, $"{video} is '{label.Text}' here, but '{text}' in its alignment"));
            found.Add(new FoundClip(video, label?.Speaker ?? speaker, label?.Split, text, words, align, null));
        }
        if (options.Speakers.Count == 0) assembly.Warnings.AddRange(SourceFolder.Orphans(folder, aligns));
        foreach (var label in labels.Values.Where(l => found.All(f => f.Path != l.Path) && assembly.Wanted(l.Speaker)))
            assembly.Problems.Add(new CorpusProblem(LabelsCsv.FileName, label.Line, $"{label.Path} does not exist as SPEAKER/video/ID_video.*"));
        return assembly.Finish(found);
    }
}
