using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Nodes;

/// <summary><c>nodes</c>: the nodes of the cluster, and taking one out of service.</summary>
internal static class NodesCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static Command Create() =>
        new CliCommand("nodes", "The nodes of the cluster: list, show, drain, undrain.", "lipsol nodes list", "lipsol nodes drain gpu-2 --wait")
            .With(List(), Show(), Drain(), Undrain());

    private static Command List() =>
        new CliCommand("list", "All nodes: what they give to runs, and what runs on them.", "lipsol nodes list", "lipsol nodes list --json").Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var nodes = await node.Client.Nodes.ListAsync(call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(nodes);
            else call.Terminal.Table(Table(nodes));
            return ExitStatus.Done;
        });

    private static Command Show()
    {
        var name = Name();
        return new CliCommand("show", "One node: version, labels, memory, slots.", "lipsol nodes show gpu-2").With(name).Does(async call =>
        {
            await using var session = await NodeSession.OpenAsync(call);
            var node = await session.Client.Nodes.GetAsync(call.Value(name), call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(node);
            else Print(call, node);
            return ExitStatus.Done;
        });
    }

    private static Command Drain()
    {
        var name = Name();
        var wait = new Option<bool>("--wait") { Description = "Wait until no run is left on it." };
        return new CliCommand("drain", "Give a node no more runs; those it has write a checkpoint and go on elsewhere. Holds until undrain.", "lipsol nodes drain gpu-2", "lipsol nodes drain gpu-2 --wait").With(name, wait).Does(async call =>
        {
            await using var session = await NodeSession.OpenAsync(call);
            var node = await session.Client.Nodes.DrainAsync(call.Value(name), call.Cancelled);
            if (call.Value(wait)) node = await WaitAsync(call, session.Client, node);
            if (call.Terminal.Json) call.Terminal.Document(node);
            else if (Runs(node) is { Count: > 0 } left) call.Terminal.Line($"node {node.Name} gets no more runs; still on it: {string.Join(", ", left)}");
            else call.Terminal.Line($"node {node.Name} gets no more runs; none is on it");
            return ExitStatus.Done;
        });
    }

    private static Command Undrain()
    {
        var name = Name();
        return new CliCommand("undrain", "Give a node runs again.", "lipsol nodes undrain gpu-2").With(name).Does(async call =>
        {
            await using var session = await NodeSession.OpenAsync(call);
            var node = await session.Client.Nodes.UndrainAsync(call.Value(name), call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(node);
            else call.Terminal.Line($"node {node.Name} gets runs again");
            return ExitStatus.Done;
        });
    }

    private static Argument<string> Name() => new("NODE") { Description = "The node's name." };

    private static async Task<ClusterNode> WaitAsync(Invocation call, LipSolClient client, ClusterNode node)
    {
        var first = Runs(node).Count;
        using var progress = call.Terminal.Progress($"draining {node.Name}", "runs");
        while (Runs(node).Count > 0)
        {
            progress.Report(Math.Max(0, first - Runs(node).Count), first);
            await Task.Delay(Interval, call.Cancelled);
            node = await client.Nodes.GetAsync(node.Name, call.Cancelled);
            if (!node.Draining) throw new CommandFailedException($"Node {node.Name} isn't drained any more: someone else gave it runs again.");
        }
        return node;
    }

    private static List<string> Runs(ClusterNode node) => [.. node.Slots.Select(s => s.RunId).OfType<string>()];

    private static Table Table(IReadOnlyList<ClusterNode> nodes)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("node", "state", "slots", "runs", "memory", "labels", "version", "up since", "last heard");
        foreach (var node in nodes)
            table.AddRow([.. new[]
            {
                node.Name, State(node), Slots(node), string.Join(' ', Runs(node)), node.Memory > 0 ? Size(node.Memory) : "", string.Join(' ', node.Labels), node.Version ?? "", Time(node.UpSince), Time(node.LastHeardOf),
            }.Select(Markup.Escape)]);
        return table;
    }

    private static void Print(Invocation call, ClusterNode node)
    {
        call.Terminal.Line($"node {node.Name}: {State(node)}{(node.Version is null ? "" : $", LipSol {node.Version}")}");
        if (node.UpSince is not null) call.Terminal.Line($"  up since    {Time(node.UpSince)}, last heard of {Time(node.LastHeardOf)}");
        if (node.Labels.Count > 0) call.Terminal.Line($"  labels      {string.Join(", ", node.Labels)}");
        if (node.Memory > 0) call.Terminal.Line($"  memory      {Size(node.Memory)} for runs");
        foreach (var slot in node.Slots)
            call.Terminal.Line($"  slot {slot.Index,-6} {slot.Device}{(slot.Name is null ? "" : $" ({slot.Name}, {Size(slot.Memory)})")}, {slot.Threads} threads: {slot.RunId ?? "free"}");
    }

    private static string State(ClusterNode node) => (node.Up, node.Draining, node.DiskFull) switch
    {
        (false, true, _) => "down, drained",
        (false, false, _) => "down",
        (true, true, _) => Runs(node).Count > 0 ? "draining" : "drained",
        (true, false, true) => "disk full",
        _ => "up",
    };

    private static string Slots(ClusterNode node) => string.Join(", ", node.Slots.GroupBy(s => s.Name ?? (s.Device == "cpu" ? "CPU" : "GPU")).Select(g => $"{g.Count()} {g.Key}"));

    private static string Size(long bytes) => (bytes / (double)(1L << 30)).ToString("0.#", CultureInfo.InvariantCulture) + " GB";

    private static string Time(DateTimeOffset? time) => time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";
}
