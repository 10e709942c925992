using LipSol.Corpus.Samples;
using LipSol.Models.Parameters;

namespace LipSol.Models.Samples;

/// <summary>Which part of the corpus is trained on: the parameters of learning curves and of leaving a speaker out.</summary>
public sealed record SelectionOptions
{
    /// <summary>Clips of <c>train</c> that are used.</summary>
    [Parameter(TrainingSelection.ClipsParameter, "clips of train that are used; 0: all", Least = 0, Most = int.MaxValue)]
    public int TrainClips { get; init; }
    /// <summary>Speakers of <c>train</c> that are used.</summary>
    [Parameter(TrainingSelection.SpeakersParameter, "speakers of train that are used; 0: all", Least = 0, Most = int.MaxValue)]
    public int TrainSpeakers { get; init; }
    /// <summary>The speaker that training leaves out.</summary>
    [Parameter(TrainingSelection.HeldOutParameter, "speaker that training leaves out; empty: none")]
    public string HoldOutSpeaker { get; init; } = "";
    /// <summary>Decides which clips and speakers.</summary>
    [Parameter(TrainingSelection.SeedParameter, "decides which clips and speakers are used", Least = 0, Most = int.MaxValue)]
    public int SelectionSeed { get; init; } = 1;

    /// <summary>The selection.</summary>
    public TrainingSelection ToSelection() => new() { Clips = TrainClips, Speakers = TrainSpeakers, HeldOut = HoldOutSpeaker, Seed = SelectionSeed };
}
