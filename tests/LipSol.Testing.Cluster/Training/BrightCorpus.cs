using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Vision;

namespace LipSol.Testing.Cluster.Training;

/// <summary>A corpus whose words are grey levels: there in a moment, learnt within an epoch or two, and its mouth clips carry the settings of real ones.</summary>
internal static class BrightCorpus
{
    public const string Name = "bright";
    /// <summary>The same in English: other clips, other letters.</summary>
    public const string EnglishName = "bright-english";
    public static readonly string[] Words = ["کب", "ایک", "نہیں"];
    private static readonly byte[] Greys = [30, 127, 225];
    private static readonly (string Speaker, Split Split, int Takes)[] Parts =
        [("a", Split.Train, 6), ("b", Split.Train, 6), ("a", Split.Val, 2), ("a", Split.Test, 4), ("c", Split.Test, 4)];

    /// <summary>Training steps of an epoch.</summary>
    public static int StepsPerEpoch(int batchSize) => Words.Length * Parts.Where(p => p.Split == Split.Train).Sum(p => p.Takes) / batchSize;

    /// <summary>Writes it into a data folder, as a preparation would.</summary>
    public static void WriteTo(string dataFolder) => Write(dataFolder, Name, "ur", Words, 0);

    /// <summary>Writes the English one.</summary>
    public static void WriteEnglishTo(string dataFolder) => Write(dataFolder, EnglishName, "en", ["bin", "red", "now"], 1000);

    private static void Write(string dataFolder, string name, string language, string[] words, int first)
    {
        var catalog = new CorpusCatalog(dataFolder);
        var clips = new List<CorpusClip>();
        foreach (var (speaker, split, takes) in Parts)
            for (var word = 0; word < words.Length; word++)
                for (var take = 0; take < takes; take++)
                {
                    var clip = Clip(word, seed: first + clips.Count);
                    var id = $"{speaker}/{split}/{word}-{take}";
                    clips.Add(new CorpusClip
                    {
                        Id = id,
                        Path = id + ".mp4",
                        ContentHash = (first + clips.Count).ToString("x32"),
                        Speaker = speaker,
                        Split = split,
                        Text = words[word],
                        MouthClip = catalog.Artifacts.PutBytes(MouthClipFile.ToBytes(clip)),
                        Frames = clip.Length,
                        TrackedFrames = clip.Length,
                    });
                }
        catalog.Set(new CorpusManifest
        {
            Name = name,
            Kind = CorpusKind.Synthetic,
            Language = language,
            Origin = new Dictionary<string, string> { ["source"] = "tests" },
            Crops = MouthCropper.DefaultSettings,
            Clips = [.. clips.OrderBy(c => c.Id, StringComparer.Ordinal)],
        });
    }

    /// <summary>A mouth clip of one word: noise around its grey level.</summary>
    public static MouthClip Clip(int word, int seed, int frames = 30, CropSettings? settings = null)
    {
        settings ??= MouthCropper.DefaultSettings;
        var random = new Random(seed);
        var pixels = new byte[frames * settings.Size * settings.Size];
        random.NextBytes(pixels);
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(Greys[word] + pixels[i] / 10 - 13);
        return new MouthClip(pixels, settings.Size, settings.Size, settings.FramesPerSecond, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 0.9f), frames)], settings);
    }
}
