using System.Globalization;
using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Corpus;
using LipSol.Silo.Http;
using LipSol.Silo.Models;
using LipSol.Silo.Serving;

namespace LipSol.Silo.Corpora.Alignments;

/// <summary>Word times by forced alignment, over HTTP.</summary>
internal static class AlignmentEndpoints
{
    // Frames; an eighth of a second at 25 a second.
    private const double Near = 3;

    public static void MapAlignments(this RouteGroupBuilder corpora) =>
        corpora.MapPost("/{name}/alignments", AlignAsync).WithSummary("Finds where the words of a corpus' sentences are said, and keeps the times as a new version where asked to.")
            .Refuses(StatusCodes.Status409Conflict).NeedsRun();

    private static async Task<CorpusAlignment> AlignAsync(string name, AlignCorpus request, IGrainFactory grains, CorpusLibrary library, CorpusCatalog catalog, FolderArtifactStore store, ModelRuntime runtime, CancellationToken cancellationToken)
    {
        var version = ModelRequests.VersionOrProduction(await ModelRequests.GetAsync(grains, request.Model), request.Version);
        var (hash, corpus) = library.Get(name);
        var found = await runtime.UseAsync(version.Outcome.ModelArtifact, model => CorpusAligner.Align(model, corpus.Manifest, store, cancellationToken), cancellationToken);
        return new CorpusAlignment
        {
            Corpus = name,
            DataHash = hash,
            Model = version.Model,
            Version = version.Version,
            Aligned = [.. found.ByClip.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => new AlignedClip(c.Key, [.. c.Value.Select(w => new ClipWord(w.Word, w.Start, w.End))]))],
            Refused = [.. found.Refused.Select(r => new RefusedClip(r.Id, r.Reason))],
            Errors = Errors(found),
            SavedAs = request.Save && found.ByClip.Count > 0 ? Save(catalog, name, corpus.Manifest, found, string.Create(CultureInfo.InvariantCulture, $"{version.Model} version {version.Version}, run {version.RunId}")) : null,
        };
    }

    // What was changed meanwhile stays: times are kept of clips that are still those that were read.
    private static string Save(CorpusCatalog catalog, string name, CorpusManifest read, FoundTimes found, string by)
    {
        var before = read.Clips.ToDictionary(c => c.Id);
        return catalog.Change(name, corpus => corpus with
        {
            Clips = [.. corpus.Clips.Select(c => found.ByClip.TryGetValue(c.Id, out var words) && before[c.Id] is var then && (then.MouthClip, then.Text) == (c.MouthClip, c.Text) ? c with { Words = words, WordsFoundBy = by } : c)],
        }).DataHash;
    }

    private static AlignmentErrors? Errors(FoundTimes found)
    {
        if (found.Compared.Count == 0) return null;
        double[] starts = [.. found.Compared.Select(w => (w.Ours.Start - w.Theirs.Start) * w.FramesPerSecond)], ends = [.. found.Compared.Select(w => (w.Ours.End - w.Theirs.End) * w.FramesPerSecond)];
        return new AlignmentErrors(found.Clips, starts.Length, Median(starts.Select(Math.Abs)), Median(ends.Select(Math.Abs)), Median(starts), Median(ends),
            starts.Concat(ends).Count(d => Math.Abs(d) <= Near) / (2.0 * starts.Length));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
