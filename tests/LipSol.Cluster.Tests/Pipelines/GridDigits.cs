using System.Globalization;
using LipSol.Client;

namespace LipSol.Cluster.Tests.Pipelines;

/// <summary>The ten digits of GRID's speaker s1 as a folder of recordings that grows, and the pipeline that looks at it every night.</summary>
internal static class GridDigits
{
    public const string Pipeline = "daily-digits", Model = "digits";
    private const int UnitsPerSecond = 25_000, Digit = 4;

    /// <summary>Three variants side by side; the better one goes into production. Small enough for two cores in minutes: ten epochs.</summary>
    public static PipelineBuilder Daily(string recordings) => new PipelineBuilder(Pipeline).Daily(2, 30, "Asia/Karachi")
        .Prepare("clips", corpus: "digits", layout: "folder", folder: recordings)
        .Train("small", "word-tcn", data: "clips", parameters: new() { ["epochs"] = 10 })
        .Train("wide", "word-tcn", data: "clips", parameters: new() { ["epochs"] = 10, ["learning_rate"] = 0.003 })
        .Train("slow", "word-tcn", data: "clips", parameters: new() { ["epochs"] = 10, ["learning_rate"] = 0.0003 })
        .Choose("best", ["small", "wide", "slow"], "val_accuracy")
        .Evaluate("figures", of: "best")
        // Ten digits: guessing reads one in ten.
        .Gate("gate", candidate: "best", model: Model, threshold: 0.25, confidence: 0.8, more: s => s.After("figures"))
        .Promote("production", gate: "gate");

    /// <summary>The first clips of each split, each with the time of its digit; those of test, sixty, stay the same.</summary>
    public static void Record(string folder, int train, int val)
    {
        var grid = Grid();
        Directory.CreateDirectory(folder);
        var rows = File.ReadLines(Path.Combine(grid, "labels.csv")).Skip(1).Select(line => line.Split(',')).Where(f => f[1] == "s1").ToArray();
        var taken = rows.Where(f => f[2] == "train").Take(train).Concat(rows.Where(f => f[2] == "val").Take(val)).Concat(rows.Where(f => f[2] == "test").Take(60));
        var labels = new List<string> { "path,speaker,split,text,start,end" };
        foreach (var fields in taken)
        {
            var name = Path.GetFileName(fields[0]);
            if (!File.Exists(Path.Combine(folder, name))) File.Copy(Path.Combine(grid, fields[0]), Path.Combine(folder, name));
            var word = File.ReadLines(Path.Combine(grid, "s1", "align", Path.ChangeExtension(name, ".align"))).Select(l => l.Split(' ')).Where(l => l[2] is not ("sil" or "sp")).ElementAt(Digit);
            double Seconds(string units) => double.Parse(units, CultureInfo.InvariantCulture) / UnitsPerSecond;
            labels.Add(string.Create(CultureInfo.InvariantCulture, $"{name},s1,{fields[2]},{word[2]},{Seconds(word[0]):0.###},{Seconds(word[1]):0.###}"));
        }
        File.WriteAllLines(Path.Combine(folder, "labels.csv"), labels);
    }

    private static string Grid() => Environment.GetEnvironmentVariable("LIPSOL_GRID") ?? RepositoryRoot.Shared("grid");
}
