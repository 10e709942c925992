using LipSol.Models.Weights;

namespace LipSol.Models.Training;

/// <summary>Follows a run. Called on the training thread, so it must be quick; what it throws ends the run.</summary>
public interface ITrainingObserver
{
    /// <summary>A figure was measured: <c>train_loss</c>, <c>val_loss</c>, <c>learning_rate</c>, <c>clips_per_second</c>; for words <c>train_accuracy</c> and <c>val_accuracy</c>, for sentences <c>train_cer</c>, <c>val_cer</c> and <c>val_wer</c>.</summary>
    void Metric(string name, long step, double value);

    /// <summary>The run is <paramref name="fraction"/> (0 to 1) through <paramref name="phase"/>: <c>loading</c>, <c>training</c>, <c>evaluating</c>.</summary>
    void Progress(string phase, double fraction, long step);

    /// <summary>The network's encoder has the weights it starts from. Told before the first step, also by a run that goes on.</summary>
    void Initialised(InitReport report) { }

    /// <summary>A checkpoint lies whole at its path; the next one replaces it.</summary>
    void Checkpoint(WrittenCheckpoint written);
}

/// <summary>A checkpoint on the disk.</summary>
/// <param name="Path">The file.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Epochs done, with the share of the one under way.</param>
/// <param name="Score">How well its weights read <c>val</c>, as the choice of the best weights judges it: larger is better. Null where <c>val</c> wasn't read at this step.</param>
public readonly record struct WrittenCheckpoint(string Path, long Step, double Epoch, double? Score);
