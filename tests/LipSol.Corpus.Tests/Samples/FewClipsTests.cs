using LipSol.Language.Decoding;
using LipSol.Corpus.Samples;

namespace LipSol.Corpus.Tests.Samples;

public sealed class FewClipsTests
{
    private static readonly string[] Train = ["bin blue at f two now", "bin blue at f two now", "lay green by a one soon", "set red in z nine please", "place white with q six again", "bin red with v zero please"];

    [Fact]
    public void What_val_and_test_say_is_said_in_train_too()
    {
        var few = FewClips.Of(Manifest(Train, ["set white in v zero soon"], ["lay blue by q six now", "place green at z nine again", "bin red in a one soon"]));
        var train = few.Clips.Where(c => c.Split == Split.Train).ToArray();
        Assert.InRange(train.Length, 4, 5);
        Assert.Equal((1, 2), (few.Clips.Count(c => c.Split == Split.Val), few.Clips.Count(c => c.Split == Split.Test)));
        var alphabet = Alphabet.From(train.Select(c => c.Text));
        Assert.All(few.Clips, c => Assert.Empty(alphabet.Foreign(c.Text)));
        Assert.Subset(train.SelectMany(c => c.Text.Split(' ')).ToHashSet(), few.Clips.SelectMany(c => c.Text.Split(' ')).ToHashSet());
    }

    [Fact]
    public void What_training_never_says_stays_as_it_is()
    {
        var few = FewClips.Of(Manifest(Train, ["bin blue at f two now"], ["جی"]));
        Assert.Contains(few.Clips, c => c.Text == "جی");
    }

    private static CorpusManifest Manifest(string[] train, string[] val, string[] test) => new()
    {
        Name = "few",
        Kind = CorpusKind.Recorded,
        Language = "en",
        Origin = new Dictionary<string, string>(),
        Clips = [.. Clips(train, Split.Train), .. Clips(val, Split.Val), .. Clips(test, Split.Test)],
    };

    private static IEnumerable<CorpusClip> Clips(string[] texts, Split split) => texts.Select((text, i) => new CorpusClip
    {
        Id = $"{split}-{i}", Path = $"{split}-{i}.mp4", ContentHash = new string('c', 32), Speaker = "s", Split = split, Text = text, MouthClip = new string('a', 32), Frames = 50, TrackedFrames = 45,
    });
}
