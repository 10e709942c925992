using System.Globalization;
using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Silo.Corpora.Alignments;
using LipSol.Silo.Http;
using Microsoft.Net.Http.Headers;

namespace LipSol.Silo.Corpora;

/// <summary>Corpora, their clips and pictures of mouth clips over HTTP.</summary>
internal static class CorpusEndpoints
{
    private const int LargestPage = 1000;

    public static void MapCorpora(this IEndpointRouteBuilder api)
    {
        var corpora = api.MapGroup("/corpora").WithTags("Corpora").Refuses(StatusCodes.Status404NotFound);
        corpora.MapGet("", (CorpusLibrary library) => library.List().Select(c => Summary(c.DataHash, c.Corpus, library)).ToArray()).WithSummary("All corpora, by name.").NeedsRead();
        corpora.MapGet("/{name}", (string name, CorpusLibrary library) =>
        {
            var (hash, corpus) = library.Get(name);
            return Details(hash, corpus, library);
        }).WithSummary("A corpus with its statistics.").NeedsRead();
        corpora.MapAlignments();
        corpora.MapGet("/{name}/clips", Clips).WithSummary("Clips by id, a page at a time.").NeedsRead();
        corpora.MapGet("/{name}/strip.png", Strip).WithSummary("A mouth clip's frames side by side, from left to right; all of them where frames isn't given (for an animation). clip may name a sample (clip#n): then its word's frames, where its times are known.").NeedsRead()
            .Produces<Stream>(StatusCodes.Status200OK, "image/png");
        corpora.MapGet("/{name}/mouth.npz", Mouth).WithSummary("A clip's mouth clip file; numpy.load opens it.").NeedsRead()
            .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream");
    }

    private static ClipPage Clips(string name, CorpusLibrary library, string? split, string? speaker, bool? seen, string? text, bool? refused, int skip = 0, int take = 100)
    {
        Names.RequirePage(skip, take, LargestPage);
        var wanted = Names.Choice<Split>(split, "split");
        var corpus = library.Get(name).Corpus;
        var matching = corpus.Manifest.Clips.Where(c => (wanted is null || c.Split == wanted) && (speaker is null || c.Speaker == speaker)
            && (seen is null || corpus.IsSeen(c.Speaker) == seen) && (text is null || c.Text == text) && (refused is null || (c.Refused is not null) == refused)).ToArray();
        return new ClipPage(matching.Length, [.. matching.Skip(skip).Take(take).Select(c => Entry(corpus, c))]);
    }

    private static IResult Strip(string name, string clip, CorpusLibrary library, FolderArtifactStore store, int? frames)
    {
        if (frames is < 1) throw ApiException.BadRequest($"frames is {frames}. Give 1 or more, or leave it out for all.");
        var (clipId, word) = SampleOf(library, name, clip);
        var hash = MouthClipHash(library, name, clipId);
        using var file = store.OpenRead(hash);
        var mouth = MouthClipFile.Read(file);
        var png = MouthStrip.Png(mouth, frames, word is null ? null : WordSpan.FromSeconds(word.Start, word.End, mouth.FramesPerSecond));
        return Results.Bytes(png, "image/png", entityTag: new EntityTagHeaderValue($"\"{hash}-{frames}-{word?.Start}-{word?.End}\""));
    }

    private static IResult Mouth(string name, string clip, CorpusLibrary library, FolderArtifactStore store)
    {
        var hash = MouthClipHash(library, name, clip);
        return Results.Stream(store.OpenRead(hash), "application/octet-stream", Path.GetFileName(clip) + MouthClipFile.Extension, entityTag: new EntityTagHeaderValue($"\"{hash}\""));
    }

    /// <summary>A clip's id stays as it is; a sample's (<c>clip#n</c>) is its clip and, where the word's times are known, the word.</summary>
    private static (string ClipId, WordTime? Word) SampleOf(CorpusLibrary library, string name, string id)
    {
        var corpus = library.Get(name).Corpus;
        var hash = id.LastIndexOf('#');
        if (corpus.Find(id) is not null || hash < 0 || corpus.Find(id[..hash]) is not { } clip || !int.TryParse(id.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var place)) return (id, null);
        return (clip.Id, clip.Words.ElementAtOrDefault(place));
    }

    private static string MouthClipHash(CorpusLibrary library, string name, string clipId)
    {
        var clip = library.Get(name).Corpus.Find(clipId) ?? throw ApiException.NotFound($"Corpus {name} has no clip {clipId}.");
        return clip.MouthClip ?? throw ApiException.NotFound(clip.Refused is { } reason
            ? $"Clip {clipId} has no mouth clip: it was refused. {reason}" : $"Clip {clipId} has no mouth clip yet: prepare the corpus first.");
    }

    private static CorpusSummary Summary(string dataHash, LoadedCorpus corpus, CorpusLibrary library) => new()
    {
        Name = corpus.Manifest.Name,
        Kind = corpus.Manifest.Kind == CorpusKind.Synthetic ? "synthetic" : "recorded",
        Language = corpus.Manifest.Language,
        DataHash = dataHash,
        Clips = corpus.Statistics.Clips,
        Refused = corpus.Statistics.Refused.Count,
        FramesTracked = corpus.Statistics.TrackedShare,
        Attribution = corpus.Manifest.Attribution,
        Versions = library.Versions(corpus.Manifest.Name),
    };

    private static CorpusDetails Details(string dataHash, LoadedCorpus corpus, CorpusLibrary library) => new()
    {
        Summary = Summary(dataHash, corpus, library),
        Splits = corpus.Statistics.ClipsBySplit.ToDictionary(s => Name(s.Key), s => s.Value),
        Speakers = [.. corpus.Statistics.Speakers.Select(s => new SpeakerStatistics(s.Speaker, s.Seen,
            s.BySplit.GetValueOrDefault(Split.Train), s.BySplit.GetValueOrDefault(Split.Val), s.BySplit.GetValueOrDefault(Split.Test)))],
        Words = corpus.Statistics.Words.ToDictionary(w => w.Word, w => w.BySplit.Values.Sum()),
        Homophenes = corpus.Statistics.Homophenes,
        RefusedClips = [.. corpus.Manifest.Clips.Where(c => c.Refused is not null).Select(c => new RefusedClip(c.Id, c.Refused!))],
    };

    private static ClipEntry Entry(LoadedCorpus corpus, CorpusClip clip) => new()
    {
        Id = clip.Id,
        Speaker = clip.Speaker,
        Seen = corpus.IsSeen(clip.Speaker),
        Split = Name(clip.Split),
        Text = clip.Text,
        Words = [.. clip.Words.Select(w => new ClipWord(w.Word, w.Start, w.End))],
        Frames = clip.Frames,
        FramesTracked = clip.Frames == 0 ? 0 : clip.TrackedFrames / (double)clip.Frames,
        Refused = clip.Refused,
    };

    private static string Name(Split split) => split.ToString().ToLowerInvariant();
}
