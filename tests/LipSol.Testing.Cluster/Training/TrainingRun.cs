using System.Globalization;
using System.Text.RegularExpressions;
using LipSol.Client;
using LipSol.Testing.Cluster.Nodes;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Testing.Cluster.Training;

/// <summary>A real training run on a node, small enough to end within seconds.</summary>
internal sealed partial class TrainingRun(string id)
{
    public const int BatchSize = 6;

    /// <summary>Channels are multiples of 16: what oneDNN's kernels take without padding.</summary>
    private static readonly Dictionary<string, string> Small = new()
    {
        ["width"] = "16", ["hidden"] = "16", ["depth"] = "1", ["resize"] = "20", ["size"] = "16", ["frames"] = "20", ["batch_size"] = $"{BatchSize}", ["patience"] = "0", ["warmup_epochs"] = "1",
    };

    public string Id => id;

    public static async Task<TrainingRun> StartAsync(LipSolClient client, int epochs, RunNeeds? needs = null) => new((await client.Runs.StartAsync(Request(epochs) with { Needs = needs })).Id);

    /// <summary>What is asked for; the same run each time.</summary>
    public static StartRun Request(int epochs) => new()
    {
        Experiment = "cluster", Network = "word-gru", Corpus = BrightCorpus.Name, Seed = 7, Threads = 1,
        Parameters = new Dictionary<string, string>(Small) { ["epochs"] = epochs.ToString(CultureInfo.InvariantCulture) },
    };

    /// <summary>The process that trains it now.</summary>
    public async Task<LinuxProcess> FindWorkerAsync(NodeProcess node, LinuxProcess? otherThan = null) =>
        (await Eventually.FindAsync($"worker of run {id}", TimeSpan.FromSeconds(60), async () =>
        {
            var log = await TryGetLogAsync(node);
            if (WorkerLine().Matches(log).LastOrDefault() is not { } line) return null;
            var number = int.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture);
            // By the node's own file: where `lipsol up` started it, the process that the test started isn't the node.
            var found = LinuxProcess.ChildrenOf(NodeFile.Read(node.DataFolder)!.ProcessId).Where(p => p.Id == number && p != otherThan).ToArray();
            return found.Length == 1 ? new Box<LinuxProcess>(found[0]) : null;
        })).Value;

    public async Task<Run> WaitForAsync(NodeProcess node, RunStatus status, TimeSpan patience)
    {
        Run? last = null;
        try
        {
            return await Eventually.FindAsync($"run {id} that is {status}", patience, async () =>
            {
                try
                {
                    return (last = await node.Client.Runs.GetAsync(id)).Status == status ? last : null;
                }
                catch (LipSolException e) when (e.Status == System.Net.HttpStatusCode.ServiceUnavailable)
                {
                    // A node that has its record just died, or the database is away: the answer says to ask again.
                    return null;
                }
            });
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"The run is {last?.Status} ({last?.Phase}, {last?.Reason}).\nIts log:\n{await TryGetLogAsync(node)}\nThe node:\n{node.Said}", e);
        }
    }

    private async Task<string> TryGetLogAsync(NodeProcess node)
    {
        try
        {
            return await node.Client.Runs.GetLogAsync(id);
        }
        catch (LipSolNotFoundException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"\[lipsol\] the worker is process (\d+)")]
    private static partial Regex WorkerLine();

    private sealed record Box<T>(T Value);
}
