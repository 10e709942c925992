using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Clips;

/// <summary><c>crop</c>: recordings to mouth clips.</summary>
internal static class CropCommand
{
    private static readonly string[] VideoExtensions = [".mp4", ".mpg", ".mpeg", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".wmv", ".flv", ".3gp", ".ts"];

    public static Command Create()
    {
        var clips = new Argument<string[]>("CLIP") { Description = "Videos, folders of numbered pictures, or folders of videos.", Arity = ArgumentArity.OneOrMore };
        var outFolder = new Option<string>("--out") { Description = "Where the mouth clips (.npz) and preview pictures (.png) go.", HelpName = "DIR", Required = true };
        var noPreview = new Option<bool>("--no-preview") { Description = "Write no preview pictures." };
        var jobs = new Option<int?>("--jobs") { Description = "Clips at the same time [default: one a core]." };
        return new CliCommand("crop", "Find the face in each frame and cut out the mouth: one .npz (opens with numpy.load) and one preview picture a clip.",
                "lipsol crop interview.mp4 --out mouths", "lipsol crop recordings/*.avi --out mouths --json")
            .With(clips, outFolder, noPreview, jobs)
            .Does(async call =>
            {
                var paths = Expand(call.Value(clips));
                var parallelism = call.Value(jobs) ?? Environment.ProcessorCount;
                if (parallelism < 1) throw new BadInputException("--jobs is at least 1.");
                var job = new CropJob { Clips = paths, OutFolder = Path.GetFullPath(call.Value(outFolder)!), Previews = !call.Value(noPreview), Parallelism = parallelism };
                var done = 0;
                var frames = 0;
                var result = (CropResult)await JobSession.RunAsync(call, job, "tracking", (message, progress) =>
                {
                    if (message is not ClipCropped { Clip: var clip }) return;
                    frames += clip.Frames;
                    progress.Stage("tracking", "clips");
                    progress.Report(++done, paths.Count, string.Create(CultureInfo.InvariantCulture, $"{frames} frames"));
                });
                Report(call, result);
                return result.Clips.All(c => c.Refused is not null) ? ExitStatus.BadInput : ExitStatus.Done;
            });
    }

    /// <summary>A folder that holds videos stands for them; a folder of pictures is one clip.</summary>
    private static IReadOnlyList<string> Expand(IEnumerable<string> given) =>
        [.. given.SelectMany(path =>
        {
            var full = Path.GetFullPath(path);
            if (!Directory.Exists(full)) return [full];
            var videos = Directory.EnumerateFiles(full).Where(f => VideoExtensions.Contains(Path.GetExtension(f).ToLowerInvariant())).Order(StringComparer.Ordinal).ToArray();
            return videos.Length > 0 ? videos : [full];
        })];

    private static void Report(Invocation call, CropResult result)
    {
        var usable = result.Clips.Where(c => c.Refused is null).ToArray();
        foreach (var clip in result.Clips)
        {
            if (clip.Refused is { } reason) call.Terminal.Line($"refused  {clip.Path}: {reason}");
            else call.Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{clip.Out}  {clip.Frames} frames, {clip.Tracked} tracked"));
            foreach (var note in clip.Notes) call.Terminal.Line("  note: " + note);
        }
        long frames = usable.Sum(c => (long)c.Frames), tracked = usable.Sum(c => (long)c.Tracked);
        call.Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"{usable.Length} of {result.Clips.Count} clips cropped; {(frames == 0 ? 0 : 100.0 * tracked / frames):0.0} % of {frames} frames tracked; {frames / Math.Max(result.Seconds, 1e-3):0} frames/s"));
        if (!call.Terminal.Json) return;
        call.Terminal.Document(new
        {
            clips = result.Clips.Select(c => new { path = c.Path, frames = c.Frames, tracked = c.Tracked, fps = c.FramesPerSecond, refused = c.Refused, @out = c.Out, preview = c.Preview, notes = c.Notes }),
            seconds = Math.Round(result.Seconds, 3),
        });
    }
}
