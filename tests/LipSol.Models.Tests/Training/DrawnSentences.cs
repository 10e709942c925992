using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Models.Training;

namespace LipSol.Models.Tests.Training;

/// <summary>A corpus of discs that take a size of its own for each letter, for some frames each, with pauses between words: sentences of different lengths that can be read.</summary>
internal sealed class DrawnSentences
{
    private const int Edge = 24;
    private static readonly string[] Words = ["ab", "ba", "cab", "abc", "b"];
    private readonly Dictionary<string, byte[]> clips = new(StringComparer.Ordinal);

    public DrawnSentences(bool withWordTimes = true, int takes = 12)
    {
        var all = new List<CorpusClip>();
        foreach (var split in Enum.GetValues<Split>())
            for (var take = 0; take < (split == Split.Train ? takes : 4); take++)
            {
                var random = new Random(100 * (int)split + take);
                var words = Enumerable.Range(0, 1 + take % 3).Select(_ => Words[random.Next(Words.Length)]).ToArray();
                var (clip, times) = Draw(words, random);
                var hash = $"{(int)split:x}{take:x2}".PadLeft(32, '0');
                clips[hash] = MouthClipFile.ToBytes(clip);
                all.Add(new CorpusClip
                {
                    Id = $"{split}/{take:00}",
                    Path = $"{split}/{take:00}.avi",
                    ContentHash = hash,
                    Speaker = take % 2 == 0 ? "a" : "b",
                    Split = split,
                    Text = string.Join(' ', words),
                    Words = withWordTimes ? times : [],
                    MouthClip = hash,
                    Frames = clip.Length,
                    TrackedFrames = clip.Length,
                });
            }
        Manifest = new CorpusManifest { Name = "drawn", Kind = CorpusKind.Synthetic, Language = "de", Origin = new Dictionary<string, string>(), Clips = [.. all.OrderBy(c => c.Id, StringComparer.Ordinal)] };
    }

    public CorpusManifest Manifest { get; init; }

    public Stream Open(string hash) => new MemoryStream(clips[hash]);

    public TrainingRequest Request(string workFolder, params (string Name, string Value)[] parameters) => new()
    {
        Manifest = Manifest,
        DataHash = "0123",
        OpenMouthClip = Open,
        Network = "char-tcn",
        Threads = 2,
        WorkFolder = workFolder,
        Seed = 11,
        Parameters = new Dictionary<string, string>
        {
            ["epochs"] = "4",
            ["batch_size"] = "4",
            ["resize"] = "20",
            ["size"] = "16",
            ["front"] = "16",
            ["width"] = "16",
            ["stages"] = "1",
            ["scale_width"] = "16",
            ["temporal_blocks"] = "1",
            ["time_mask"] = "1",
            ["warmup_epochs"] = "1",
            ["word_epochs"] = "1",
            ["phrase_epochs"] = "1",
        }.Concat(parameters.Select(p => KeyValuePair.Create(p.Name, p.Value))).GroupBy(p => p.Key).ToDictionary(g => g.Key, g => g.Last().Value),
    };

    private static (MouthClip Clip, IReadOnlyList<WordTime> Times) Draw(string[] words, Random random)
    {
        var radii = new List<double>();
        var times = new List<WordTime>();
        void Rest() => radii.AddRange(Enumerable.Repeat(2.0, random.Next(2, 5)));
        Rest();
        foreach (var word in words)
        {
            var start = radii.Count / 25.0;
            foreach (var letter in word) radii.AddRange(Enumerable.Repeat(4.5 + 2.5 * (letter - 'a'), random.Next(3, 5)));
            times.Add(new WordTime(word, start, radii.Count / 25.0));
            Rest();
        }
        var shade = random.Next(40, 80);
        var frames = new byte[radii.Count * Edge * Edge];
        for (var t = 0; t < radii.Count; t++)
            for (var y = 0; y < Edge; y++)
                for (var x = 0; x < Edge; x++)
                    frames[(t * Edge + y) * Edge + x] = (byte)((Math.Pow(x - Edge / 2.0, 2) + Math.Pow(y - Edge / 2.0, 2) < radii[t] * radii[t] ? shade : 150) + random.Next(-15, 16));
        return (new MouthClip(frames, Edge, Edge, 25, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), radii.Count)], new CropSettings { Size = Edge }), times);
    }
}
