using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Models.Training;

namespace LipSol.Models.Tests.Training;

/// <summary>A corpus of discs that open and close at a rate of their word's own, under noise: small, and only readable from motion.</summary>
internal sealed class DrawnCorpus
{
    private const int Edge = 24, Length = 20;
    private static readonly string[] Words = ["eins", "zwei", "drei", "vier"];
    private readonly Dictionary<string, byte[]> clips = new(StringComparer.Ordinal);

    public DrawnCorpus(bool withWordTimes, int takes = 8)
    {
        var all = new List<CorpusClip>();
        foreach (var split in Enum.GetValues<Split>())
            for (var word = 0; word < Words.Length; word++)
                for (var take = 0; take < (split == Split.Train ? takes : 3); take++)
                {
                    var hash = $"{(int)split:x}{word:x}{take:x}".PadLeft(32, '0');
                    clips[hash] = MouthClipFile.ToBytes(Draw(word, seed: 1000 * (int)split + 10 * word + take));
                    all.Add(new CorpusClip
                    {
                        Id = $"{split}/{word}-{take}",
                        Path = $"{split}/{word}-{take}.avi",
                        ContentHash = hash,
                        Speaker = take % 2 == 0 ? "a" : "b",
                        Split = split,
                        Text = Words[word],
                        Words = withWordTimes ? [new WordTime(Words[word], 0.16, 0.64)] : [],
                        MouthClip = hash,
                        Frames = Length,
                        TrackedFrames = Length,
                    });
                }
        Manifest = new CorpusManifest { Name = "drawn", Kind = CorpusKind.Synthetic, Language = "de", Origin = new Dictionary<string, string>(), Clips = [.. all.OrderBy(c => c.Id, StringComparer.Ordinal)] };
    }

    public CorpusManifest Manifest { get; init; }

    public Stream Open(string hash) => new MemoryStream(clips[hash]);

    public void Damage(string hash) => clips[hash] = clips[hash][..(clips[hash].Length / 2)];

    public TrainingRequest Request(string workFolder, params (string Name, string Value)[] parameters) => new()
    {
        Manifest = Manifest,
        DataHash = "0123",
        OpenMouthClip = Open,
        Network = "word-tcn",
        Threads = 2,
        WorkFolder = workFolder,
        Seed = 11,
        Parameters = new Dictionary<string, string>
        {
            ["epochs"] = "3",
            ["batch_size"] = "8",
            ["resize"] = "20",
            ["size"] = "16",
            ["front"] = "6",
            ["width"] = "6",
            ["stages"] = "2",
            ["scale_width"] = "8",
            ["temporal_blocks"] = "2",
            ["shift"] = "0.5",
            ["time_mask"] = "2",
            ["warmup_epochs"] = "1",
        }.Concat(parameters.Select(p => KeyValuePair.Create(p.Name, p.Value))).GroupBy(p => p.Key).ToDictionary(g => g.Key, g => g.Last().Value),
    };

    private static MouthClip Draw(int word, int seed)
    {
        var random = new Random(seed);
        var (shade, phase) = (random.Next(40, 80), random.NextDouble());
        var frames = new byte[Length * Edge * Edge];
        for (var t = 0; t < Length; t++)
        {
            var radius = 5 + 3.5 * Math.Sin(2 * Math.PI * ((word + 1) * t / (double)Length + phase));
            for (var y = 0; y < Edge; y++)
                for (var x = 0; x < Edge; x++)
                {
                    var inside = Math.Pow(x - Edge / 2.0, 2) + Math.Pow(y - Edge / 2.0, 2) < radius * radius;
                    frames[(t * Edge + y) * Edge + x] = (byte)((inside ? shade : 150) + random.Next(-15, 16));
                }
        }
        return new MouthClip(frames, Edge, Edge, 25, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), Length)], new CropSettings { Size = Edge });
    }
}

/// <summary>Keeps what a run tells.</summary>
internal sealed class Recorder : ITrainingObserver
{
    private readonly List<(string Name, long Step, double Value)> metrics = [];

    public Action<long>? OnStep { get; init; }
    public Action<string>? OnFigure { get; init; }
    public Action<string>? OnCheckpoint { get; init; }
    public List<(string Phase, double Fraction)> Phases { get; } = [];
    public List<WrittenCheckpoint> Checkpoints { get; } = [];

    public IReadOnlyList<(long Step, double Value)> this[string name] => [.. metrics.Where(m => m.Name == name).Select(m => (m.Step, m.Value))];

    public IReadOnlySet<string> Names => metrics.Select(m => m.Name).ToHashSet();

    public void Metric(string name, long step, double value)
    {
        metrics.Add((name, step, value));
        if (name == "train_loss") OnStep?.Invoke(step);
        OnFigure?.Invoke(name);
    }

    public void Progress(string phase, double fraction, long step) => Phases.Add((phase, fraction));

    public void Checkpoint(WrittenCheckpoint written)
    {
        Checkpoints.Add(written);
        OnCheckpoint?.Invoke(written.Path);
    }
}
