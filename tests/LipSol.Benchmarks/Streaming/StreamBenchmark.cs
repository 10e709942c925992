using LipSol.Benchmarks.Running;
using LipSol.Client;
using LipSol.Corpus;
using LipSol.Testing.Cluster.Nodes;
using LipSol.Vision;
using OpenCvSharp;

namespace LipSol.Benchmarks.Streaming;

/// <summary>Live captions of recordings that are replayed at their own pace to a node of its own process: how long after a word's end it's shown for good, and what is lost against reading the whole recording.</summary>
internal sealed class StreamBenchmark : IBenchmark
{
    private const string Variable = "LIPSOL_STREAM_DATA";
    private const int JoinedClips = 10;

    public string Name => "stream";

    public string About => $"live captions at a camera's pace: delay from a word's end, errors against reading the whole clip; needs {Variable}, a data folder with a model of sentences in production";

    public async Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        var data = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named && Directory.Exists(named) ? Path.GetFullPath(named) : throw new BenchmarkDataException(
            $"{Variable} has to name the data folder of a node that doesn't run, with a model of sentences in production and the corpus it was trained on. Make one: `./lipsol corpus synth --sentences --name urdu-sentences`, `./lipsol train --corpus urdu-sentences --model char-tcn --set epochs=30 --set word_epochs=5 --set phrase_epochs=6`, `./lipsol models promote`.");
        await using var node = await NodeProcess.StartAsync(data);
        var clips = await TestClipsAsync(node, data);
        using var folder = new TemporaryClips();
        var single = new Tally();
        var joined = new Tally();
        for (var i = 0; i < clips.Count; i++)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            if (i % 10 == 0) run.Say($"stream: clip {i + 1} of {clips.Count}");
            single.Add(clips[i].Text, await clips[i].ReadAsync(node.Client.Streams, run.CancellationToken), await WholeAsync(node, folder.Write(clips[i]), run.CancellationToken));
        }

        foreach (var group in clips.Select((clip, i) => (clip, i)).GroupBy(c => c.i / JoinedClips, c => c.clip))
        {
            var stream = Join([.. group]);
            run.Say($"stream: {stream.Pictures.Count / stream.FramesPerSecond:0} seconds of speech in one stream");
            joined.Add(stream.Text, await stream.ReadAsync(node.Client.Streams, run.CancellationToken), await WholeAsync(node, folder.Write(stream), run.CancellationToken));
        }

        return new BenchmarkReport(Name, [.. single.Figures($"{clips.Count} clips, each a stream", 700), .. joined.Figures($"{JoinedClips} clips a stream", 700)], []);
    }

    private static async Task<string> WholeAsync(NodeProcess node, string path, CancellationToken cancellationToken) => (await node.Client.Transcriptions.TranscribeAsync(path, cancellationToken: cancellationToken)).Text;

    private static async Task<IReadOnlyList<ReplayedStream>> TestClipsAsync(NodeProcess node, string data)
    {
        var model = (await node.Client.Models.ListAsync()).SingleOrDefault(m => m.Aliases.ContainsKey("production")) ?? throw new BenchmarkDataException($"{data} has none, or several, models in production. Promote one.");
        var version = model.Versions.Single(v => v.Version == model.Aliases["production"]);
        var corpus = new CorpusCatalog(data).GetVersion(version.DataHash);
        var source = corpus.Kind == CorpusKind.Synthetic ? Path.Combine(data, "synthetic", corpus.Name) : corpus.Origin.GetValueOrDefault("folder") ?? "";
        var clips = corpus.Clips.Where(c => c.Split == Split.Test && c.Refused is null && c.Words.Count > 0 && File.Exists(Path.Combine(source, c.Path))).OrderBy(c => c.Speaker, StringComparer.Ordinal).ToList();
        // A joined stream is of one speaker.
        var taken = clips.GroupBy(c => c.Speaker).SelectMany(g => g.Take(JoinedClips)).ToList();
        return taken.Count > 0 ? [.. taken.Select(c => Load(Path.Combine(source, c.Path), c.Words))] : throw new BenchmarkDataException($"The recordings of {corpus.Name}'s test clips aren't in {source}, or its words have no times.");
    }

    private static ReplayedStream Load(string path, IReadOnlyList<WordTime> words)
    {
        using var video = ClipFrames.Open(path, 25, new CropLimits());
        using var frame = new Mat();
        var pictures = new List<byte[]>();
        while (video.TryRead(frame, out _))
        {
            Cv2.ImEncode(".jpg", frame, out var jpeg, new ImageEncodingParam(ImwriteFlags.JpegQuality, 90));
            pictures.Add(jpeg);
        }

        return new ReplayedStream(pictures, [.. words.Where(w => w.Word is not ("sil" or "sp" or "س"))], video.FramesPerSecond);
    }

    private static ReplayedStream Join(IReadOnlyList<ReplayedStream> clips)
    {
        var (pictures, words) = (new List<byte[]>(), new List<WordTime>());
        foreach (var clip in clips)
        {
            var from = pictures.Count / clip.FramesPerSecond;
            words.AddRange(clip.Words.Select(w => w with { Start = from + w.Start, End = from + w.End }));
            pictures.AddRange(clip.Pictures);
        }

        return new ReplayedStream(pictures, words, clips[0].FramesPerSecond);
    }

    /// <summary>What adds up over streams.</summary>
    private sealed class Tally
    {
        private readonly List<(string Said, string Read)> streamed = [], whole = [];
        private readonly List<(double Shown, double Final)> delays = [];
        private readonly List<StreamDone> done = [];

        public void Add(string said, StreamOutcome outcome, string readWhole)
        {
            streamed.Add((said, outcome.Text));
            whole.Add((said, readWhole));
            delays.AddRange(outcome.Delays);
            done.Add(outcome.Done);
        }

        public IEnumerable<Measured> Figures(string what, double bar)
        {
            double[] shown = [.. delays.Select(d => 1000 * d.Shown).Order()], final = [.. delays.Select(d => 1000 * d.Final).Order()];
            yield return At($"{what}: from a word's end until it's shown for good, p50", shown, 0.5) with { AtMost = bar };
            yield return At($"{what}: the same, p95", shown, 0.95);
            yield return At($"{what}: until it's final, p50", final, 0.5);
            yield return At($"{what}: the same, p95", final, 0.95);
            yield return Measured.Of($"{what}: WER as it comes", [100 * Language.Scoring.ErrorRates.Of(streamed).Wer], "%");
            yield return Measured.Of($"{what}: reference: WER of the whole recording", [100 * Language.Scoring.ErrorRates.Of(whole).Wer], "%");
            yield return Measured.Of($"{what}: frames dropped", [done.Sum(d => d.FramesDropped)], $"of {done.Sum(d => d.FramesReceived)}");
            foreach (var stage in done[0].Provenance.Milliseconds.Keys) yield return Measured.Of($"{what}: mean of {stage}", [.. done.Select(d => d.Provenance.Milliseconds[stage])], "ms");
        }

        private static Measured At(string what, double[] sorted, double share) => new(what, sorted[(int)(share * (sorted.Length - 1))], sorted[0], sorted[^1], "ms");
    }

    /// <summary>Replayed streams as video files, for reading them whole.</summary>
    private sealed class TemporaryClips : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lipsol-bench-");
        private int count;

        public string Write(ReplayedStream stream)
        {
            var path = Path.Combine(folder.FullName, $"{count++}.avi");
            using var first = Cv2.ImDecode(stream.Pictures[0], ImreadModes.Color);
            using var video = new VideoWriter(path, VideoCaptureAPIs.FFMPEG, FourCC.FromString("MJPG"), stream.FramesPerSecond, first.Size());
            foreach (var picture in stream.Pictures)
            {
                using var frame = Cv2.ImDecode(picture, ImreadModes.Color);
                video.Write(frame);
            }

            return path;
        }

        public void Dispose() => folder.Delete(recursive: true);
    }
}
