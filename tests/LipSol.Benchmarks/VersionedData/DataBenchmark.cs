using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Files;
using LipSol.Benchmarks.Running;

namespace LipSol.Benchmarks.VersionedData;

/// <summary>Versioned data: hashing against <c>md5sum</c>, a folder that hasn't changed, transfers against the <c>aws</c> command line on the same store.</summary>
internal sealed class DataBenchmark : IBenchmark
{
    private const int HashedFiles = 16, HashedBytes = 32 << 20;
    private const int ManyFiles = 100_000, FilesPerFolder = 500;
    private static readonly TimeSpan NotNew = TimeSpan.FromSeconds(3);

    public string Name => "data";

    public string About => "MB/s hashed, against md5sum; the check of an unchanged folder of 100,000 files; MB/s to and from an S3 store, against the aws command line";

    public async Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        var folder = Directory.CreateTempSubdirectory("lipsol-bench-data-").FullName;
        try
        {
            var figures = new List<Measured>();
            var ratios = new List<Ratio>();
            Hashing(run, Path.Combine(folder, "hashed"), figures, ratios);
            Unchanged(run, Path.Combine(folder, "repository"), figures);
            await S3Transfers.MeasureAsync(run, Path.Combine(folder, "s3"), figures, ratios);
            return new BenchmarkReport(Name, figures, ratios);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Hashing(BenchmarkRun run, string folder, List<Measured> figures, List<Ratio> ratios)
    {
        run.Say($"hashing {HashedFiles} files of {HashedBytes >> 20} MiB");
        Directory.CreateDirectory(folder);
        var files = Enumerable.Range(0, HashedFiles).Select(n => Path.Combine(folder, $"{n}.bin")).ToArray();
        foreach (var (file, n) in files.Select((f, n) => (f, n))) File.WriteAllBytes(file, Random(HashedBytes, n));
        const double megabytes = (double)HashedFiles * HashedBytes / 1e6;
        var jobs = Environment.ProcessorCount;
        List<double> alone = [], together = [], md5sum = [], md5sums = [];
        for (var i = -1; i < run.Repetitions; i++)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            var one = megabytes * Statistics.Rate(() => { foreach (var file in files) FileHasher.Hash(file, legacy: false, run.CancellationToken); return 1; });
            var reference = megabytes * Statistics.Rate(() => Commands.Run("md5sum", files));
            var all = megabytes * Statistics.Rate(() => { InParallel.ForEach(files, f => FileHasher.Hash(f, legacy: false, run.CancellationToken), run.CancellationToken); return 1; });
            var references = megabytes * Statistics.Rate(() => Commands.Run("bash", "-c", $"printf '%s\\0' \"$@\" | xargs -0 -n 1 -P {jobs} md5sum >/dev/null", "bash", files));
            if (i < 0) continue; // the first round brings the files into memory
            alone.Add(one);
            md5sum.Add(reference);
            together.Add(all);
            md5sums.Add(references);
        }
        figures.AddRange([Measured.Of("hashing, one file at a time", alone, "MB/s"), Measured.Of("reference: md5sum", md5sum, "MB/s"),
            Measured.Of($"hashing, {jobs} files at a time", together, "MB/s"), Measured.Of($"reference: {jobs} md5sum at a time", md5sums, "MB/s")]);
        ratios.AddRange([new Ratio("one at a time / md5sum", Statistics.Median(alone.Zip(md5sum, (a, b) => a / b)), AtLeast: 0.9),
            new Ratio($"{jobs} at a time / {jobs} md5sum", Statistics.Median(together.Zip(md5sums, (a, b) => a / b)), AtLeast: 0.9)]);
    }

    private static void Unchanged(BenchmarkRun run, string root, List<Measured> figures)
    {
        run.Say($"a version of {ManyFiles:N0} files");
        for (var n = 0; n < ManyFiles; n++)
        {
            var path = Path.Combine(root, "clips", (n / FilesPerFolder).ToString("000", System.Globalization.CultureInfo.InvariantCulture), $"{n}.txt");
            if (n % FilesPerFolder == 0) Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, $"clip {n}");
        }
        Commands.Run("git", "init", "--quiet", root);
        // What was written a moment ago may change with the same time: it would be read once more.
        Task.Delay(NotNew, run.CancellationToken).Wait(run.CancellationToken);
        var made = System.Diagnostics.Stopwatch.GetTimestamp();
        DvcAdd.Run(DvcRepository.OpenOrCreate(root), Path.Combine(root, "clips"), cancellationToken: run.CancellationToken);
        figures.Add(Measured.Of($"a version of {ManyFiles:N0} files made", [System.Diagnostics.Stopwatch.GetElapsedTime(made).TotalSeconds], "s"));
        List<double> seconds = [];
        for (var i = -1; i < run.Repetitions; i++)
        {
            var begun = System.Diagnostics.Stopwatch.GetTimestamp();
            var state = DvcStatus.Read(DvcRepository.Open(root), cancellationToken: run.CancellationToken).Single();
            if (state.State != VersionState.Unchanged) throw new InvalidOperationException($"The folder is {state.State}.");
            if (i >= 0) seconds.Add(System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }
        figures.Add(Measured.Of($"an unchanged folder of {ManyFiles:N0} files checked", seconds, "s") with { AtMost = 2 });
    }

    internal static byte[] Random(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
