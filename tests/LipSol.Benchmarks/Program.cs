using System.Runtime.InteropServices;
using System.Text.Json;
using LipSol.Benchmarks.Chaos;
using LipSol.Benchmarks.Cropping;
using LipSol.Benchmarks.Decoding;
using LipSol.Benchmarks.ErrorRates;
using LipSol.Benchmarks.History;
using LipSol.Benchmarks.Inference;
using LipSol.Benchmarks.MetricStore;
using LipSol.Benchmarks.Running;
using LipSol.Benchmarks.Serving;
using LipSol.Benchmarks.Streaming;
using LipSol.Benchmarks.Training;
using LipSol.Benchmarks.VersionedData;

IBenchmark[] benchmarks = [new CroppingBenchmark(), new MetricStoreBenchmark(), new ErrorRateBenchmark(), new DataLoaderBenchmark(), new InferenceBenchmark(), new DecodingBenchmark(), new HistoryBenchmark(), new ServingBenchmark(), new OverloadBenchmark(), new TranscriptionBenchmark(), new StreamBenchmark(), new DataBenchmark()];
if (args is [ServedModels.Argument, var modelFolder]) return ServedModels.Write(modelFolder);

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => { signal.Cancel = true; stop.Cancel(); });
var names = new List<string>();
var json = args.Contains("--json");
if (args is [ChaosCommand.Name, .. var ofChaos] && !ofChaos.Contains("--help"))
{
    try
    {
        return await ChaosCommand.RunAsync([.. ofChaos.Where(a => a != "--json")], json, stop.Token);
    }
    catch (OperationCanceledException)
    {
        return Fail("Stopped.", 1);
    }
}
var repetitions = 5;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--list":
            if (json) Console.WriteLine(JsonSerializer.Serialize(benchmarks.Select(b => new { name = b.Name, about = b.About }).Append(new { name = ChaosCommand.Name, about = ChaosCommand.About }), ReportWriter.Json));
            else foreach (var (name, about) in benchmarks.Select(b => (b.Name, b.About)).Append((ChaosCommand.Name, ChaosCommand.About))) Console.WriteLine($"{name,-16} {about}");
            return 0;
        case "--json": break;
        case "--repetitions" when i + 1 < args.Length && int.TryParse(args[i + 1], out repetitions) && repetitions > 0: i++; break;
        case "--help" or "-h": return Usage(Console.Out, 0);
        case var name when name.StartsWith('-'): return Usage(Console.Error, 2);
        case var name: names.Add(name); break;
    }
}
if (names.Count == 0) return Usage(Console.Error, 2);
if (names is ["all"]) names = [.. benchmarks.Select(b => b.Name)];
if (names.FirstOrDefault(n => benchmarks.All(b => b.Name != n)) is { } unknown)
{
    return Fail($"There is no benchmark {unknown}. There are: {string.Join(", ", benchmarks.Select(b => b.Name))}.", 2);
}

var reports = new List<BenchmarkReport>();
try
{
    foreach (var name in names)
    {
        var report = await benchmarks.Single(b => b.Name == name).RunAsync(new BenchmarkRun(repetitions, Console.Error.WriteLine, stop.Token));
        reports.Add(report);
        if (!json) Console.WriteLine(ReportWriter.ToText(report));
    }
}
catch (BenchmarkDataException e)
{
    return Fail(e.Message, 2);
}
// A program that was measured may have been stopped by the same Ctrl-C.
catch (Exception e) when (e is OperationCanceledException || stop.IsCancellationRequested)
{
    return Fail("Stopped.", 1);
}
if (json) Console.WriteLine(ReportWriter.ToJson(reports));
return reports.Any(r => r.Figures.Any(f => f.Reached == false) || r.Ratios.Any(f => f.Reached == false)) ? 1 : 0;

int Fail(string message, int status)
{
    Console.Error.WriteLine(message);
    if (json) Console.WriteLine(JsonSerializer.Serialize(new { error = message }, ReportWriter.Json));
    return status;
}

static int Usage(TextWriter to, int status)
{
    to.WriteLine("lipsol bench NAME…|all [--repetitions N] [--json]      lipsol bench --list\nexample: lipsol bench cropping --repetitions 3\n" + ChaosCommand.Usage);
    return status;
}
