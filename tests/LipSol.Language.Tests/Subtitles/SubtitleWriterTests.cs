using LipSol.Language.Subtitles;

namespace LipSol.Language.Tests.Subtitles;

public sealed class SubtitleWriterTests
{
    private static readonly TimedWord[] Words = [new("آپ", 0.04, 0.4), new("کون", 0.52, 1.2), new("ہوں", 3661.5, 3662)];

    [Fact]
    public void SubRip_keeps_Urdu_as_it_is() => Assert.Equal(
        "1\r\n00:00:00,040 --> 00:00:01,200\r\nآپ کون\r\n\r\n2\r\n01:01:01,500 --> 01:01:02,000\r\nہوں\r\n\r\n", SubtitleWriter.Srt(Words, 2));

    [Fact]
    public void WebVTT_has_the_time_of_every_word() => Assert.Equal(
        "WEBVTT\n\nNOTE a model\n\n00:00:00.040 --> 00:00:01.200\nآپ <00:00:00.520>کون\n\n01:01:01.500 --> 01:01:02.000\nہوں\n\n", SubtitleWriter.Vtt(Words, "a model", 2));

    [Fact]
    public void Times_inside_a_cue_grow_and_stay_within_it() => Assert.Equal(
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na b c <00:00:01.500>d e\n\n",
        SubtitleWriter.Vtt([new("a", 1, 1.1), new("b", 1, 1.2), new("c", 0.5, 1.3), new("d", 1.5, 2), new("e", 2, 2)]));

    [Fact]
    public void What_would_end_a_cue_or_begin_a_tag_does_not()
    {
        var vtt = SubtitleWriter.Vtt([new("a<b>&\r\n\r\nc", 0, 1)], "x --> y\n\n00:00:00.000");
        Assert.Equal("WEBVTT\n\nNOTE x -> y  00:00:00.000\n\n00:00:00.000 --> 00:00:01.000\na&lt;b&gt;&amp;  c\n\n", vtt);
    }

    [Fact]
    public void No_words_make_no_cues() => Assert.Equal(("", "WEBVTT\n\n"), (SubtitleWriter.Srt([]), SubtitleWriter.Vtt([])));
}
