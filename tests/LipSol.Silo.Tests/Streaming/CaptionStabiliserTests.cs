using LipSol.Client;
using LipSol.Silo.Streaming;

namespace LipSol.Silo.Tests.Streaming;

/// <summary>What stays of windows that overlap, window by window as a script gives them.</summary>
public sealed class CaptionStabiliserTests
{
    private readonly CaptionStabiliser stabiliser = new(new StabilityRule { Agreement = 2, Settled = 0.3, Oldest = 1.5 });

    [Fact]
    public void A_word_is_shown_at_once_and_stays_when_two_readings_agree_and_its_end_lies_far_enough_behind()
    {
        Assert.Equal(("", "ہم"), Read(0.5, ("ہم", 0.2, 0.45)));
        Assert.Equal(("", null), Read(0.62, ("ہم", 0.2, 0.45)));
        Assert.Equal(("ہم", null), Read(0.76, ("ہم", 0.2, 0.45)));
        Assert.Equal(("", null), Read(0.88, ("ہم", 0.2, 0.45)));
    }

    [Fact]
    public void A_word_that_one_reading_says_is_not_final_however_far_behind_its_end_is()
    {
        Assert.Equal(("", "کب"), Read(1.0, ("کب", 0.2, 0.45)));
        Assert.Equal(("", "کون"), Read(1.12, ("کون", 0.2, 0.45)));
        Assert.Equal(("کون", null), Read(1.24, ("کون", 0.2, 0.45)));
    }

    [Fact]
    public void Readings_that_never_agree_settle_a_word_once_it_is_old()
    {
        Read(1.0, ("کب", 0.2, 0.45));
        Assert.Equal(("", "کون"), Read(1.5, ("کون", 0.2, 0.45)));
        Assert.Equal(("کب", null), Read(2.0, ("کب", 0.2, 0.45)));
    }

    [Fact]
    public void What_is_final_never_changes_whatever_later_readings_say_of_its_time()
    {
        Read(1.0, ("ہم", 0.2, 0.45));
        Assert.Equal(("ہم", null), Read(1.12, ("ہم", 0.2, 0.45)));
        // Read differently, at another place, or not at all: what comes behind is all that's new.
        Assert.Equal(("", "کب"), Read(1.24, ("تم", 0.2, 0.45), ("کب", 0.7, 1.0)));
        Assert.Equal(("", null), Read(1.28, ("ہم", 0.25, 0.5), ("کب", 0.7, 1.0)));
        Assert.Equal(("کب", null), Read(1.42, ("کب", 0.7, 1.0)));
        Assert.Equal(("", null), Read(1.54, ("ہم", 0.2, 0.4), ("کب", 0.72, 1.02)));
    }

    [Fact]
    public void The_same_word_said_twice_is_said_twice()
    {
        Read(1.6, ("چار", 0.2, 0.6), ("چار", 0.7, 1.1));
        Assert.Equal(("چار چار", null), Read(1.7, ("چار", 0.21, 0.61), ("چار", 0.71, 1.12)));
    }

    [Fact]
    public void A_word_waits_for_those_before_it()
    {
        Read(1.0, ("ہم", 0.2, 0.4), ("کب", 0.45, 0.6));
        Assert.Equal(("", "تم کب"), Read(1.12, ("تم", 0.2, 0.4), ("کب", 0.45, 0.6)));
        Assert.Equal(("تم کب", null), Read(1.24, ("تم", 0.2, 0.4), ("کب", 0.45, 0.6)));
    }

    [Fact]
    public void Times_that_differ_by_some_frames_are_the_same_place_and_by_more_are_not()
    {
        Read(1.0, ("ہم", 0.2, 0.4));
        Assert.Equal(("ہم", null), Read(1.12, ("ہم", 0.3, 0.48)));
        Read(2.4, ("کب", 1.2, 1.4));
        Assert.Equal(("", null), Read(2.5, ("کب", 1.9, 2.1)));
    }

    [Fact]
    public void At_the_end_all_is_final()
    {
        Read(1.0, ("ہم", 0.2, 0.4), ("کب", 0.8, 1.0));
        Assert.Equal(("ہم کب نہیں", null), Told(stabiliser.Update([new("ہم", 0.2, 0.4, 1), new("کب", 0.8, 1.0, 1), new("نہیں", 1, 1.1, 1)], 1.1, last: true)));
        Assert.Equal(("", null), Told(stabiliser.Break()));
    }

    [Fact]
    public void Where_the_stream_breaks_what_was_shown_is_final_as_it_stood()
    {
        Read(1.0, ("ہم", 0.2, 0.4), ("کب", 0.8, 1.0));
        Assert.Equal(("ہم کب", null), Told(stabiliser.Break()));
        Assert.Equal(("", "وہ"), Read(9.0, ("وہ", 8.5, 8.9)));
    }

    [Fact]
    public void A_word_that_is_no_longer_read_is_taken_back_by_an_empty_tail()
    {
        Assert.Equal(("", "ہم"), Read(0.5, ("ہم", 0.3, 0.5)));
        Assert.Equal(("", ""), Read(0.62));
    }

    private (string Finals, string? Tail) Read(double end, params (string Word, double Start, double End)[] words) =>
        Told(stabiliser.Update([.. words.Select(w => new TranscribedWord(w.Word, w.Start, w.End, 0.9))], end));

    // The tail where it's told: null where what is shown is right already.
    private static (string, string?) Told(CaptionChange change) =>
        (string.Join(' ', change.Finals.Select(w => w.Word)), change.TailChanged ? string.Join(' ', change.Tail.Select(w => w.Word)) : null);
}
