using System.Diagnostics;
using System.Text.RegularExpressions;
using LipSol.Client;
using LipSol.Cluster.Tests.Nodes;
using LipSol.Cluster.Tests.Uploads;
using LipSol.Testing.Postgres;
using Npgsql;

namespace LipSol.Cluster.Tests.Disks;

/// <summary>The commands of docs/operations.md that make a backup and bring it back, run as they stand there but for names of folders and databases.</summary>
public sealed partial class BackupTests
{
    private const int Epochs = 160;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task What_is_backed_up_while_a_node_trains_is_there_again_once_all_was_lost_and_the_run_goes_on(DatabaseKind kind)
    {
        foreach (var program in kind == DatabaseKind.Sqlite ? new[] { "rsync", "sqlite3" } : ["rsync", "pg_dump"])
            Assert.SkipUnless((await BashAsync($"command -v {program}", [])).Status == 0, $"{program} isn't installed (apt-get install {(program == "pg_dump" ? "postgresql-client" : program)}).");
        var (filesThere, sqliteThere, postgresThere, filesBack, sqliteBack, postgresBack) = Documented();
        await using var cluster = await NodeCluster.CreateAsync(kind);
        using var backup = new TemporaryFolder();
        var node = await cluster.StartAsync("first");
        await ServingNode.PromoteAsync(node);
        var read = await node.Client.Transcriptions.TranscribeAsync(new MemoryStream(MouthClips.Good()), "x.npz");
        var run = await TrainingRun.StartAsync(node.Client, Epochs);
        var seen = new SeenPoints();
        await seen.FollowAsync(node, run, until: 60);

        await RunAsync((kind == DatabaseKind.Sqlite ? sqliteThere : postgresThere) + filesThere);
        // What came later isn't in it.
        var later = await TrainingRun.StartAsync(node.Client, Epochs + 1);
        node.Send(Signal.Terminate);
        Assert.Equal(0, await node.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Directory.Delete(cluster.Shared, recursive: true);
        Directory.Delete(node.DataFolder, recursive: true);
        if (kind == DatabaseKind.Sqlite) await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(cluster.Shared)!, "cluster.db"), "lost");

        await RunAsync(filesBack + (kind == DatabaseKind.Sqlite ? sqliteBack : postgresBack));
        // Of the first one nothing is left: to the restored records it's a node that died.
        var again = await cluster.StartAsync("second");
        Assert.Equal(node.Token, again.Token);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => again.Client.Runs.GetAsync(later.Id));
        var kept = (await again.Client.Transcriptions.GetAsync(read.Id)).Transcription!;
        Assert.Equal((read.Text, read.Confidence), (kept.Text, kept.Confidence));
        Assert.Equal(read.Text, (await again.Client.Transcriptions.TranscribeAsync(new MemoryStream(MouthClips.Good()), "x.npz")).Text);
        var done = await run.WaitForAsync(again, RunStatus.Completed, Patience);
        Assert.Equal(["first", "second"], done.Attempts.Select(a => a.Node));
        await seen.AssertAllAreKeptAsync(again, run, except: "clips_per_second");

        async Task RunAsync(string commands)
        {
            var (environment, database) = (new Dictionary<string, string>(), "");
            if (kind == DatabaseKind.Postgres)
            {
                var to = new NpgsqlConnectionStringBuilder(cluster.Database.Join);
                database = to.Database!;
                environment = new() { ["PGHOST"] = to.Host!, ["PGPORT"] = $"{to.Port}", ["PGUSER"] = to.Username!, ["PGPASSWORD"] = to.Password! };
                // The server's own programs: a dump is for servers that aren't older than them.
                environment["PATH"] = PostgresInstallation.Programs + ":" + Environment.GetEnvironmentVariable("PATH");
            }
            commands = Place().Replace(DatabaseName().Replace(commands, match => match.Value.Replace("lipsol", database, StringComparison.Ordinal)), "")
                .Replace("/srv/lipsol", Path.GetDirectoryName(cluster.Shared), StringComparison.Ordinal).Replace("/backup", backup.Path, StringComparison.Ordinal);
            var (status, said) = await BashAsync("set -e\n" + commands, environment);
            Assert.True(status == 0, $"{commands}\n{said}");
        }
    }

    /// <summary>The commands by what they copy, to the backup and back.</summary>
    private static (string FilesThere, string SqliteThere, string PostgresThere, string FilesBack, string SqliteBack, string PostgresBack) Documented()
    {
        var page = File.ReadAllText(RepositoryRoot.In("docs", "operations.md")).ReplaceLineEndings("\n");
        var section = page[page.IndexOf("### Backup\n", StringComparison.Ordinal)..];
        var blocks = Block().Matches(section[..section.IndexOf("\n## ", StringComparison.Ordinal)]).Select(m => m.Groups[1].Value).ToArray();
        Assert.Equal(4, blocks.Length);
        var (there, back) = (blocks[0].Split('\n', 2), blocks[2].Split('\n', 2));
        return (there[1], there[0] + "\n", blocks[1], back[0] + "\n", back[1], blocks[3]);
    }

    private static async Task<(int Status, string Said)> BashAsync(string commands, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("bash", ["-c", commands]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex("```\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    // Which server and whose database it is is in the environment here.
    [GeneratedRegex("--host=\\S+ --username=\\S+|--owner lipsol")]
    private static partial Regex Place();

    [GeneratedRegex("--dbname=lipsol|(dropdb|template0) lipsol|(?<=--username=lipsol) lipsol$", RegexOptions.Multiline)]
    private static partial Regex DatabaseName();
}
