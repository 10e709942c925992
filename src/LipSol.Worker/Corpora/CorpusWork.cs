using System.Diagnostics;
using LipSol.Corpus;
using LipSol.Corpus.Import;
using LipSol.Corpus.Preparation;
using LipSol.Corpus.Synthetic;
using LipSol.Vision;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Corpora;

/// <summary>Prepares a corpus: reads (or draws) its clips, tracks and crops them, and points the corpus' name at what came out.</summary>
internal sealed class CorpusWork(WorkerChannel channel, CorpusJob job)
{
    private readonly Dictionary<string, double> seconds = [];

    public async Task<JobResult> RunAsync()
    {
        var catalog = new CorpusCatalog(job.DataFolder);
        CorpusCatalog.CheckName(job.Name);
        var before = catalog.Find(job.Name)?.Manifest;
        channel.Report(0, 0, "reading");
        var synthetic = job.Source == "synthetic";
        var ledger = synthetic ? new LipCornerLedger(job.DataFolder, MouthCropper.DefaultSettings.Fingerprint()) : null;
        var draft = synthetic ? Draw(ledger!) : Timed("reading", Import);
        foreach (var warning in draft.Warnings) Console.WriteLine($"note: {warning}");
        using var tracker = ShowsMouths ? null : new VisionCropper(new ClipLimits(), ledger);
        var cropper = tracker ?? (ICropper)new MouthPictureCropper(new ClipLimits());
        var reporter = new StageReporter(channel, "tracking", "clips");
        var since = Stopwatch.StartNew();
        var prepared = await new CorpusPreparation(catalog, cropper, job.Parallelism).PrepareAsync(draft, new Relay<PreparationProgress>(p => reporter.Report(p.Done, p.Total)), channel.StopRequested);
        seconds["tracking"] = since.Elapsed.TotalSeconds;
        if (draft.Manifest.Clips.Count - prepared.Manifest.Clips.Count is > 0 and var left) Console.WriteLine($"note: {left} clips were left out: they are of speakers who were withdrawn");
        return Summary(prepared, before, ledger?.Summary(prepared.Manifest.Clips.Select(c => c.ContentHash)) ?? []);
    }

    private bool ShowsMouths => job.Options.TryGetValue("mouth-crops", out var given) && bool.TryParse(given, out var set) && set;

    private CorpusDraft Draw(LipCornerLedger ledger)
    {
        var options = SyntheticCorpusOptions.From(job.Options);
        var folder = Path.Combine(job.DataFolder, "synthetic", job.Name);
        var reporter = new StageReporter(channel, "drawing", "clips");
        using var renderer = new VisionRenderer(ledger);
        return Timed("drawing", () =>
        {
            SyntheticCorpus.Write(options, folder, renderer, job.Parallelism, new Relay<SyntheticProgress>(p => reporter.Report(p.Done, p.Total)), channel.StopRequested);
            return SyntheticCorpus.Import(folder, job.Name);
        });
    }

    private CorpusDraft Import()
    {
        var folder = Path.GetFullPath(job.Folder ?? throw new ArgumentException("Which folder to import was not said."));
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {folder}.");
        var options = ImportOptions.From(job.Name, job.Options);
        return job.Source switch
        {
            "grid" => GridImporter.Import(folder, options),
            "urdu" => RecordedUrduImporter.Import(folder, options),
            "folder" => LabelsCsvImporter.Import(folder, options),
            var other => throw new ArgumentException($"A corpus comes from synthetic, grid, urdu or folder, not {other}."),
        };
    }

    private CorpusResult Summary(PreparedCorpus prepared, string? before, Dictionary<string, double> measurements)
    {
        var usable = prepared.Manifest.Clips.Where(c => c.Refused is null).ToArray();
        return new CorpusResult
        {
            Name = job.Name,
            DataHash = prepared.DataHash,
            Clips = prepared.Manifest.Clips.Count,
            Refused = prepared.Manifest.Clips.Count - usable.Length,
            Frames = usable.Sum(c => (long)c.Frames),
            Tracked = usable.Sum(c => (long)c.TrackedFrames),
            Prepared = prepared.Manifest.Clips.Count - prepared.Reused,
            Unchanged = before == prepared.DataHash,
            Measurements = measurements,
            RefusedClips = [.. prepared.Manifest.Clips.Where(c => c.Refused is not null).Take(1000).Select(c => new RefusedClip(c.Id, c.Refused!))],
            Seconds = seconds,
        };
    }

    private T Timed<T>(string stage, Func<T> work)
    {
        var since = Stopwatch.StartNew();
        var result = work();
        seconds[stage] = since.Elapsed.TotalSeconds;
        return result;
    }

    /// <summary>Progress on the calling thread: <see cref="Progress{T}"/> would post it to the pool, out of order.</summary>
    private sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
