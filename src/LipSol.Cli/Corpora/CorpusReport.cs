using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Corpora;

/// <summary>Says what came of a preparation.</summary>
internal static class CorpusReport
{
    private const int Shown = 10;

    public static void Print(Invocation call, CorpusResult result)
    {
        Describe(call, result);
        if (!call.Terminal.Json) return;
        call.Terminal.Document(new
        {
            name = result.Name,
            dataHash = result.DataHash,
            clips = result.Clips,
            refused = result.Refused,
            frames = result.Frames,
            framesTracked = result.Frames == 0 ? 0 : result.Tracked / (double)result.Frames,
            prepared = result.Prepared,
            unchanged = result.Unchanged,
            measurements = result.Measurements,
            refusedClips = result.RefusedClips,
            seconds = result.Seconds,
        });
    }

    public static void Describe(Invocation call, CorpusResult result)
    {
        foreach (var clip in result.RefusedClips.Take(Shown)) call.Terminal.Line($"refused  {clip.Id}: {clip.Reason}");
        if (result.RefusedClips.Count > Shown) call.Terminal.Line($"refused  … and {result.RefusedClips.Count - Shown} more (lipsol corpus show {result.Name})");
        call.Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"{result.Name}: {result.Clips} clips, {result.Refused} refused; {(result.Frames == 0 ? 0 : 100.0 * result.Tracked / result.Frames):0.00} % of {result.Frames} frames tracked; {result.Prepared} prepared now, {result.Clips - result.Prepared} from the cache"));
        foreach (var (name, value) in result.Measurements) call.Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{name.Replace('_', ' ')}: {value:0.####}"));
        call.Terminal.Line($"data hash {result.DataHash}{(result.Unchanged ? " (unchanged)" : "")}");
    }
}
