using System.Globalization;
using System.Text.Json;
using LipSol.Benchmarks.Running;
using LipSol.Testing.Cluster.Chaos;
using LipSol.Testing.Cluster.Nodes;
using LipSol.Testing.Postgres;

namespace LipSol.Benchmarks.Chaos;

/// <summary><c>bench chaos</c>: nodes, workers and the database are killed, stopped and continued at random under running trainings and readers; prints what was done and which promises held.</summary>
internal static class ChaosCommand
{
    public const string Name = "chaos";
    public const string About = "kills, stops and drains nodes at random under running trainings, then checks every promise in the database";
    public const string Usage = "lipsol bench chaos [--minutes N] [--seed N] [--database postgres|sqlite] [--json]\nexample: lipsol bench chaos --minutes 30 --seed 7";

    /// <returns>0 where every promise was kept, 1 where one was broken, 2 for arguments that can't be used.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, bool json, CancellationToken cancellationToken)
    {
        double minutes = 3;
        var seed = 1;
        var database = PostgresServer.WhyNot is null ? DatabaseKind.Postgres : DatabaseKind.Sqlite;
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            var understood = arguments[i] switch
            {
                "--minutes" => double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out minutes) && minutes is > 0 and <= 1440,
                "--seed" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed),
                "--database" => Enum.TryParse(value, ignoreCase: true, out database) && Enum.IsDefined(database),
                _ => false,
            };
            if (understood) continue;
            await Console.Error.WriteLineAsync($"{arguments[i]} {value} isn't understood.\n{Usage}");
            return 2;
        }
        if (database == DatabaseKind.Postgres && PostgresServer.WhyNot is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        var report = await ChaosTrial.RunAsync(new ChaosOptions { Seed = seed, Database = database, Duration = TimeSpan.FromMinutes(minutes), Say = Console.Error.WriteLine }, cancellationToken);
        if (json) Console.WriteLine(JsonSerializer.Serialize(report, ReportWriter.Json));
        else Print(report);
        return report.Broken.Count == 0 ? 0 : 1;
    }

    private static void Print(ChaosReport report)
    {
        Console.WriteLine("what was done");
        foreach (var (what, count) in report.Actions) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-18} {count,5}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"runs trained to their end: {report.Runs}, in {report.Attempts} attempts; {report.PointsKept:N0} points kept, {report.PointsSeen:N0} of them shown to readers meanwhile"));
        var serving = report.Serving;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"clips read meanwhile: {serving.Answered:N0}, asked for again: {serving.Repeated:N0}; damaged ones refused: {serving.Refused:N0}; promotions: {serving.Promotions}"));
        if (report.Failovers.Count > 0)
        {
            var ordered = report.Failovers.Order().ToArray();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"from a node's SIGKILL to its run's first new metric, nothing else happening: median {ordered[ordered.Length / 2]:0.0} s, longest {ordered[^1]:0.0} s ({ordered.Length} times; bar: 60 s)"));
        }
        Console.WriteLine(report.Broken.Count == 0 ? "every promise was kept" : $"{report.Broken.Count} promises were broken:");
        foreach (var line in report.Broken) Console.WriteLine("  " + line);
    }
}
