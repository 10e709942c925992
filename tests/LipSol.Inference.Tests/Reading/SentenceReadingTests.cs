using LipSol.Inference.Tests.Networks;
using LipSol.Language.Decoding;

namespace LipSol.Inference.Tests.Reading;

public sealed class SentenceReadingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly LoadedModel model;

    public SentenceReadingTests() => model = LoadedModel.Load(GreyLettersModel.Write(folder.Path), new SessionSettings { Device = "cpu", Threads = 1 });

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_word_that_was_read_has_the_time_that_an_alignment_gives_it()
    {
        var clip = GreyLettersModel.Clip("ہم کب");
        foreach (var kind in model.Decoders)
        {
            var read = model.Read(clip, decoder: kind);
            Assert.Equal("ہم کب", read.Text);
            // The letters are seen in frames 2 to 8 and 14 to 20; the pause between is shared.
            Assert.Equal([("ہم", 2 / 25.0, 11 / 25.0), ("کب", 11 / 25.0, 20 / 25.0)], read.Words.Select(w => (w.Text, w.Start, w.End)));
            Assert.Equal(model.Align(model.Prepare(clip), read.Text).Select(w => (w.Text, w.Start, w.End)), read.Words.Select(w => (w.Text, w.Start, w.End)));
        }
        // Where only a part is read, times are still those of the clip: the second word and the pause before it.
        var part = model.Read(clip, 10 / 25.0, 22 / 25.0, DecoderKind.Greedy);
        Assert.Equal("کب", part.Text);
        Assert.Equal(14 / 25.0, part.Words[0].Start, 9);
        Assert.Equal(20 / 25.0, part.Words[0].End, 9);
    }

    [Fact]
    public void Each_decoder_reads_the_same_clips_and_what_it_knows_helps_it()
    {
        var clips = new[] { GreyLettersModel.Clip("ہم کب"), GreyLettersModel.Clip("ہم کب", i => i == 4) };
        var read = model.ReadWithEach([.. clips.Select(c => model.Prepare(c))]);
        Assert.Equal([DecoderKind.Greedy, DecoderKind.Beam, DecoderKind.Lexicon, DecoderKind.Grammar], read[0].Keys);
        Assert.All(read[0].Values, r => Assert.Equal("ہم کب", r.Text));
        Assert.Equal(["ہم کک", "ہم کب", "ہم کب", "ہم کب"], read[1].Values.Select(r => r.Text));
        foreach (var (kind, reading) in read[1])
        {
            var alone = model.Read(clips[1], decoder: kind);
            Assert.Equal(reading.Text, alone.Text);
            Assert.Equal(reading.Confidence, alone.Confidence, 5); // sums over another batch
        }
        Assert.All(read.SelectMany(r => r.Values), r => Assert.InRange(r.Alternatives.Sum(a => a.Confidence), 0, 1 + 1e-9));
    }
}
