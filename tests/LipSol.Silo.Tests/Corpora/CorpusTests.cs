using System.Buffers.Binary;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Corpora;

public sealed class CorpusTests(NodeFixture fixture)
{
    private readonly CorporaClient corpora = fixture.Client.Corpora;

    [Fact]
    public async Task A_corpus_is_shown_with_its_statistics()
    {
        Assert.Equal(fixture.DataHash, (await corpora.ListAsync()).Single(c => c.Name == TestNode.Corpus).DataHash);
        var details = await corpora.GetAsync(TestNode.Corpus);
        Assert.Equal("synthetic", details.Summary.Kind);
        Assert.Equal((73, 1, 1.0), (details.Summary.Clips, details.Summary.Refused, details.Summary.FramesTracked));
        Assert.Equal((24, 12, 36), (details.Splits["train"], details.Splits["val"], details.Splits["test"]));
        Assert.Equal(["a", "b"], details.Speakers.Where(s => s.Seen).Select(s => s.Speaker));
        Assert.Equal("No face in 100 % of its 20 frames.", details.RefusedClips.Single().Reason);
        Assert.Equal(24, details.Words["کب"]);
    }

    [Fact]
    public async Task Clips_are_filtered_and_come_in_pages()
    {
        var unseen = await corpora.ListClipsAsync(TestNode.Corpus, new ClipFilter { Split = "test", Seen = false });
        Assert.Equal(12, unseen.Total);
        Assert.All(unseen.Clips, c => Assert.Equal(("c", false, "test"), (c.Speaker, c.Seen, c.Split)));
        var page = await corpora.ListClipsAsync(TestNode.Corpus, new ClipFilter { Text = "نہیں", Skip = 20, Take = 3 });
        Assert.Equal((24, 3), (page.Total, page.Clips.Count));
        Assert.Single((await corpora.ListClipsAsync(TestNode.Corpus, new ClipFilter { Refused = true })).Clips);
        await Assert.ThrowsAsync<LipSolRefusedException>(() => corpora.ListClipsAsync(TestNode.Corpus, new ClipFilter { Split = "other" }));
    }

    [Fact]
    public async Task A_strip_shows_the_frames_side_by_side()
    {
        var clip = (await corpora.ListClipsAsync(TestNode.Corpus, new ClipFilter { Text = "نہیں", Take = 1 })).Clips[0];
        Assert.Equal((clip.Frames * 96, 96), PngSize(await corpora.GetStripAsync(TestNode.Corpus, clip.Id)));
        Assert.Equal((8 * 96, 96), PngSize(await corpora.GetStripAsync(TestNode.Corpus, clip.Id, frames: 8)));
        Assert.Equal((clip.Frames * 96, 96), PngSize(await corpora.GetStripAsync(TestNode.Corpus, clip.Id, frames: 1000)));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => corpora.GetStripAsync(TestNode.Corpus, clip.Id, frames: 0));
    }

    [Fact]
    public async Task A_mouth_clip_comes_as_it_was_stored()
    {
        var bytes = await corpora.GetMouthClipAsync(TestNode.Corpus, "c/Test/نہیں 1");
        Assert.Equal(17, MouthClipFile.Read(new MemoryStream(bytes)).Length);
    }

    [Fact]
    public async Task A_refused_clip_has_no_picture_and_the_reason_is_told()
        => Assert.Contains("No face", (await Assert.ThrowsAsync<LipSolNotFoundException>(() => corpora.GetStripAsync(TestNode.Corpus, "a/dark"))).Message);

    [Theory]
    [InlineData("none")]
    [InlineData("../drawn")]
    [InlineData("ڈیٹا")]
    public async Task A_corpus_that_does_not_exist_is_said(string name) => await Assert.ThrowsAsync<LipSolNotFoundException>(() => corpora.GetAsync(name));

    // The IHDR chunk, https://www.w3.org/TR/png/#11IHDR.
    private static (int Width, int Height) PngSize(byte[] png) => (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
}
