using System.Globalization;
using LipSol.Benchmarks.Running;
using LipSol.Contracts.Serving;
using LipSol.Silo.Serving;

namespace LipSol.Benchmarks.Serving;

/// <summary>What a process keeps of the models that it let go: one is loaded while the other one reads, then the other one is unloaded, as a promotion does it.</summary>
internal static class ExchangedModels
{
    private const int Early = 5, Late = 50, Readers = 8;

    public static async Task<IReadOnlyList<Measured>> MeasureAsync(ModelRuntime runtime, IReadOnlyList<string> models, IReadOnlyList<ReadRequest> requests, double most, BenchmarkRun run)
    {
        double early = 0, late = 0;
        await runtime.LoadAsync(models[0], run.CancellationToken);
        for (var exchange = 1; exchange <= Late; exchange++)
        {
            var (old, next) = (models[(exchange + 1) % 2], models[exchange % 2]);
            var reads = ReadAsync(old);
            await runtime.LoadAsync(next, run.CancellationToken);
            await Task.WhenAll(reads, ReadAsync(next));
            await runtime.UnloadAsync(old);
            if (exchange == Early) early = Megabytes();
            if (exchange == Late) late = Megabytes();
            if (exchange % 10 == 0) run.Say($"serving: {exchange} of {Late} exchanges of the model, {Megabytes():0} MB resident");
        }
        await runtime.UnloadAsync(models[Late % 2]);
        return
        [
            Measured.Of($"resident after {Early} exchanges of the model", [early], "MB"),
            Measured.Of($"resident after {Late}", [late], "MB"),
            Measured.Of("the latter / the former", [late / early], "×") with { AtMost = most },
        ];

        Task ReadAsync(string model) => Task.WhenAll(Enumerable.Range(0, Readers).Select(i => runtime.ReadAsync(model, requests[i % requests.Count], run.CancellationToken)));
    }

    // https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    private static double Megabytes() =>
        double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
}
