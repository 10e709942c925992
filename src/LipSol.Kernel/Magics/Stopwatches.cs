using System.Diagnostics;
using System.Globalization;
using LipSol.Kernel.Engine;
using Microsoft.DotNet.Interactive;

namespace LipSol.Kernel.Magics;

/// <summary><c>#!time</c>: measures from its line to the cell's end, also where the cell fails.</summary>
internal static class Stopwatches
{
    public static Task<CellError?> StartAsync(MagicLine line, MagicCall call)
    {
        line.Allow();
        var started = Stopwatch.GetTimestamp();
        call.AtEnd(() => call.Context.DisplayAs(string.Create(CultureInfo.InvariantCulture, $"Wall time: {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.##} ms"), "text/plain"));
        return Task.FromResult<CellError?>(null);
    }
}
