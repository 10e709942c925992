using System.CommandLine;
using System.Diagnostics;
using LipSol.Cli.CommandLine;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Bench;

/// <summary><c>bench</c>: the benchmarks behind docs/benchmarks.md.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("NAME") { Description = "Benchmarks, or all.", Arity = ArgumentArity.ZeroOrMore };
        var list = new Option<bool>("--list") { Description = "Name them all." };
        var repetitions = new Option<int?>("--repetitions") { Description = "Times each is measured [default: 5]." };
        Option<string?>[] ofChaos =
        [
            new("--minutes") { Description = "chaos: how long nodes are killed, stopped and drained [default: 3].", HelpName = "N" },
            new("--seed") { Description = "chaos: what chooses [default: 1].", HelpName = "N" },
            new("--database") { Description = "chaos: on which database [default: postgres where it's installed].", HelpName = "postgres|sqlite" },
        ];
        return new CliCommand("bench", "The benchmarks behind docs/benchmarks.md, each beside a reference measured in the same run.", "lipsol bench --list", "lipsol bench cropping --json", "lipsol bench chaos --minutes 30")
            .With([names, list, repetitions, .. ofChaos]).Does(async call =>
        {
            List<string> arguments = [.. call.Value(names)];
            if (call.Value(list)) arguments.Add("--list");
            if (call.Terminal.Json) arguments.Add("--json");
            if (call.Value(repetitions) is { } count) arguments.AddRange(["--repetitions", count.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            foreach (var option in ofChaos)
                if (call.Value(option) is { } value) arguments.AddRange([option.Name, value]);
            if (arguments.Count == 0) throw new BadInputException("Say which benchmark: `lipsol bench --list` names them.");
            using var bench = Process.Start(WorkerExecutable.StartInfo(Locate(), arguments)) ?? throw new CommandFailedException("The benchmarks can't be started.");
            using var passOn = call.Cancelled.Register(() => Signals.Terminate(bench));
            await bench.WaitForExitAsync(CancellationToken.None);
            return bench.ExitCode;
        });
    }

    private static string Locate()
    {
        try
        {
            return WorkerExecutable.Locate("LipSol.Benchmarks", "LIPSOL_BENCHMARKS", "benchmarks");
        }
        catch (FileNotFoundException e)
        {
            throw new CommandFailedException($"The benchmarks aren't built. Run `./lipsol bench …`, or dotnet build tests/LipSol.Benchmarks -c Release. ({e.Message})", e);
        }
    }
}
