using System.Globalization;
using LipSol.Artifacts;
using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Remotes;
using LipSol.Benchmarks.Running;
using LipSol.Testing.S3;
using LipSol.WorkerProtocol;

namespace LipSol.Benchmarks.VersionedData;

/// <summary>The same contents to and from the same store (Ceph's, on this machine), by <c>lipsol data</c> and by the <c>aws</c> command line: both as commands, start and all, one after the other in alternating order.</summary>
internal static class S3Transfers
{
    // Over a gigabyte each: beside that, what a command needs to start is little.
    private static readonly (string What, int Files, int Bytes)[] Loads = [("files of 64 MiB", 17, 64 << 20), ("files of 100 kB", 11_000, 100_000)];

    // A store of its own for each round: it lies in memory, and what is removed makes no room.
    private const long StoreBytes = 4L << 30;
    private const int MostRounds = 3, LargestFolder = 1000;

    public static async Task MeasureAsync(BenchmarkRun run, string folder, List<Measured> figures, List<Ratio> ratios)
    {
        if (!CephInstallation.IsThere)
        {
            run.Say($"transfers aren't measured: {CephInstallation.HowToInstall}");
            return;
        }
        var aws = Commands.Has("aws");
        if (!aws) run.Say("transfers have no reference: there is no aws on the PATH (Debian: apt install awscli)");
        foreach (var (what, files, bytes) in Loads)
        {
            run.Say($"{files:N0} {what} to and from an S3 store");
            await MeasureAsync(run, Path.Combine(folder, $"{bytes}"), $"{files:N0} {what}", files, bytes, aws, figures, ratios);
        }
    }

    private static async Task MeasureAsync(BenchmarkRun run, string folder, string what, int files, int bytes, bool aws, List<Measured> figures, List<Ratio> ratios)
    {
        List<double> sent = [], fetched = [], awsSent = [], awsFetched = [];
        var megabytes = (double)files * bytes / 1e6;
        var (from, awsTo) = (Path.Combine(folder, "from"), Path.Combine(folder, "aws"));
        var clips = Path.Combine(from, "clips");
        for (var n = 0; n < files; n++)
        {
            var path = Path.Combine(clips, $"{n / LargestFolder}", $"{n}.bin");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, DataBenchmark.Random(bytes, 1_000_000 + n), run.CancellationToken);
        }
        Commands.Run("git", "init", "--quiet", from);
        DvcAdd.Run(DvcRepository.OpenOrCreate(from), clips, cancellationToken: run.CancellationToken);
        for (var round = 0; round < Math.Min(run.Repetitions, MostRounds); round++)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            await using var ceph = await CephStore.StartAsync(StoreBytes);
            using (var client = S3Client.Create("bench", new Dictionary<string, string> { ["endpointurl"] = ceph.Endpoint, ["access_key_id"] = CephStore.AccessKey, ["secret_access_key"] = CephStore.SecretKey })) await client.PutBucketAsync("bench", run.CancellationToken);
            await WarmAsync(ceph, Path.Combine(folder, "warm"), run.CancellationToken);
            var to = Path.Combine(folder, "to");
            Configure(from, ceph);
            Copy(from, to, ceph);
            (Action Ours, Action Theirs)[] pairs =
            [
                (() => sent.Add(megabytes * Statistics.Rate(() => Lipsol("push", from))), () => awsSent.Add(megabytes * Statistics.Rate(() => Aws(ceph, clips, "s3://bench/aws")))),
                (() => fetched.Add(megabytes * Statistics.Rate(() => Lipsol("pull", to))), () => awsFetched.Add(megabytes * Statistics.Rate(() => Aws(ceph, "s3://bench/aws", awsTo)))),
            ];
            foreach (var (ours, theirs) in pairs)
            {
                // Whoever comes second finds the files in memory, and a store that is warm.
                if (round % 2 == 0) ours();
                if (aws) theirs();
                if (round % 2 == 1) ours();
            }
            run.Say(string.Create(CultureInfo.InvariantCulture, $"  sent {sent[^1]:0} MB/s, fetched {fetched[^1]:0} MB/s{(aws ? $"; aws: {awsSent[^1]:0}, {awsFetched[^1]:0}" : "")}"));
            foreach (var used in new[] { to, awsTo }.Where(Directory.Exists)) Directory.Delete(used, recursive: true);
        }
        Directory.Delete(from, recursive: true);
        figures.AddRange([Measured.Of($"{what} sent", sent, "MB/s"), Measured.Of($"{what} fetched and verified", fetched, "MB/s")]);
        if (!aws) return;
        figures.AddRange([Measured.Of($"reference: aws s3 cp, {what} sent", awsSent, "MB/s"), Measured.Of($"reference: aws s3 cp, {what} fetched", awsFetched, "MB/s")]);
        ratios.AddRange([new Ratio($"{what} sent / aws", Statistics.Median(sent.Zip(awsSent, (a, b) => a / b)), AtLeast: 0.8),
            new Ratio($"{what} fetched / aws", Statistics.Median(fetched.Zip(awsFetched, (a, b) => a / b)), AtLeast: 0.8)]);
    }

    // What comes first to a new store waits until it has made its pools: that is nobody's speed.
    private static async Task WarmAsync(CephStore ceph, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config"), $"['remote \"ceph\"']\n    url = s3://bench/warm\n    endpointurl = {ceph.Endpoint}\n    access_key_id = {CephStore.AccessKey}\n    secret_access_key = {CephStore.SecretKey}\n");
        var store = new FolderArtifactStore(Path.Combine(folder, "store"));
        string[] hashes = [store.PutBytes(DataBenchmark.Random(40 << 20, 1)), store.PutBytes(DataBenchmark.Random(1 << 20, 2))];
        using (var remote = ArtifactRemote.Open(folder, "ceph")) await remote.PushAsync(store, hashes, cancellationToken: cancellationToken);
        Directory.Delete(folder, recursive: true);
    }

    // Files of the workspace are links into the cache: aws writes its files once, too.
    private static void Configure(string repository, CephStore ceph) => File.WriteAllText(Path.Combine(repository, ".dvc", "config"),
        $"[core]\n    remote = ceph\n[cache]\n    type = hardlink\n['remote \"ceph\"']\n    url = s3://bench/lipsol\n    endpointurl = {ceph.Endpoint}\n    access_key_id = {CephStore.AccessKey}\n    secret_access_key = {CephStore.SecretKey}\n");

    // What git would bring to another machine: what is versioned, and none of its content.
    private static void Copy(string from, string to, CephStore ceph)
    {
        Directory.CreateDirectory(Path.Combine(to, ".dvc"));
        Commands.Run("git", "init", "--quiet", to);
        File.Copy(Path.Combine(from, "clips.dvc"), Path.Combine(to, "clips.dvc"));
        Configure(to, ceph);
    }

    private static long Lipsol(string command, string repository)
    {
        var start = WorkerExecutable.StartInfo(WorkerExecutable.Locate("LipSol.Cli", "LIPSOL_CLI", "lipsol"), ["data", command, "--repository", repository]);
        return Commands.Run(start.FileName, start.ArgumentList);
    }

    // With its defaults but for the checksums, which stores that aren't AWS don't know.
    private static long Aws(CephStore ceph, string from, string to) => Commands.Run(new Dictionary<string, string>
    {
        ["AWS_ACCESS_KEY_ID"] = CephStore.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = CephStore.SecretKey,
        ["AWS_DEFAULT_REGION"] = "us-east-1",
        ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required",
        ["AWS_RESPONSE_CHECKSUM_VALIDATION"] = "when_required",
    }, "aws", ["s3", "cp", "--recursive", "--only-show-errors", "--endpoint-url", ceph.Endpoint, from, to]);
}
