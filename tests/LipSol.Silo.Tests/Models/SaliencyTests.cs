using System.Buffers.Binary;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Models;

[Collection("uploads")]
public sealed class SaliencyTests(NodeFixture fixture)
{
    private readonly ModelsClient models = fixture.Client.Models;

    [Fact]
    public async Task A_corpus_sample_shows_where_and_when_the_model_looked()
    {
        var clips = await fixture.Client.Corpora.ListClipsAsync(TestNode.Corpus, new ClipFilter { Split = "test", Text = "نہیں", Take = 1 });
        var found = await models.LookAsync(NodeFixture.Model, 1, TestNode.Corpus, clips.Clips[0].Id);
        Assert.Equal(("نہیں", "نہیں", NodeFixture.Model, 1, fixture.RunId, fixture.DataHash), (found.Text, found.Said, found.Model, found.Version, found.RunId, found.DataHash));
        Assert.Equal((22, 22, 9), (found.Where.Count, found.Where[0].Count, found.When.Count));
        // The network is the mean of all pixels: it looks everywhere alike, and the mouth gets what its size is worth.
        Assert.Equal(found.MouthArea, found.MouthShare, 0.03);
        Assert.All(found.Where.SelectMany(r => r), v => Assert.True(v > 0));
        Assert.Equal(0.04, found.When[1].Time - found.When[0].Time, 4);
        var word = await models.LookAsync(NodeFixture.Model, 1, TestNode.Corpus, clips.Clips[0].Id + "#0");
        Assert.Equal(found.Evidence, word.Evidence, 1e-4);
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(found.Picture.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(found.Picture.AsSpan(20)));
        Assert.True(width > 1000 && height is > 200 and < 300, $"{width}×{height}");
    }

    [Fact]
    public async Task A_clip_that_is_sent_is_looked_at_with_the_version_in_production()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "کلپ.npz");
        await File.WriteAllBytesAsync(path, MouthClipFile.ToBytes(BrightnessModel.Clip(250)));
        var found = await models.LookAsync(NodeFixture.Model, null, path, new TranscriptionOptions { Start = 0.2, End = 0.6 });
        Assert.Equal(("نہیں", (string?)null, 1), (found.Text, found.Said, found.Version));
        // Nine frames around 0.4 s, of which those from 0.2 to 0.6 s are marked: all.
        Assert.Equal((0.24, 0.56), (found.When[0].Time, found.When[^1].Time));
        Assert.All(found.When, f => Assert.True(f.InWord));
    }

    [Fact]
    public async Task What_is_not_there_or_cannot_be_read_is_said()
    {
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => models.LookAsync(NodeFixture.Model, 1, TestNode.Corpus, "none"));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => models.LookAsync(NodeFixture.Model, 9, TestNode.Corpus, "none"));
        Assert.Contains("refused", (await Assert.ThrowsAsync<LipSolNotFoundException>(() => models.LookAsync(NodeFixture.Model, 1, TestNode.Corpus, "a/dark"))).Message);
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "other.npz");
        await File.WriteAllBytesAsync(path, MouthClipFile.ToBytes(BrightnessModel.Clip(0, settings: BrightnessModel.Crop with { Extent = 2 })));
        Assert.Equal("wrong-settings", (await Assert.ThrowsAsync<LipSolRefusedException>(() => models.LookAsync(NodeFixture.Model, 1, path))).Reason);
        await Assert.ThrowsAsync<LipSolException>(() => models.LookAsync(NodeFixture.Model, 1, Path.Combine(folder.Path, "nowhere.mp4")));
    }
}
