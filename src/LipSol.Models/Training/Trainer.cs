using LipSol.Models.Networks;
using LipSol.Models.Samples;
using static TorchSharp.torch;

namespace LipSol.Models.Training;

/// <summary>Why training ended.</summary>
public enum TrainingEnd
{
    /// <summary>All epochs were done.</summary>
    AllEpochs,
    /// <summary><c>val</c> hadn't got better for <c>patience</c> epochs.</summary>
    EarlyStopping,
    /// <summary><c>max_minutes</c> were over.</summary>
    TimeLimit,
    /// <summary>A stop was asked for; the checkpoint goes on from there.</summary>
    Stopped,
}

/// <summary>How training went.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="Epochs">Epochs done.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="BestEpoch">The epoch (from 0) whose weights were kept: best on <c>val</c>; −1 where there was no <c>val</c>.</param>
/// <param name="Seconds">Seconds of training, over all attempts.</param>
/// <param name="ClipsPerSecond">Training samples a second, of the attempt that ended.</param>
public sealed record TrainingSummary(TrainingEnd End, int Epochs, long Steps, int BestEpoch, double Seconds, double ClipsPerSecond);

/// <summary>The training loop: AdamW, warm-up and cosine, clipped gradients, a running mean of the weights, early stopping on <c>val</c>. What is learnt is the task's.</summary>
/// <remarks>The losses are a function of (samples, parameters, seed, thread count): on the CPU two runs, or one that was interrupted and went on, give the same ones.</remarks>
internal sealed class Trainer(Network network, TrainingOptions options, TrainingTask task, TrainingPosition start, FrozenLayers? frozen, Device device, ITrainingObserver observer, TimeProvider time)
{
    private const int ReportEverySteps = 10;
    private static readonly TimeSpan CheckpointEvery = TimeSpan.FromSeconds(20);

    /// <summary>Trains, and leaves the best weights in the network.</summary>
    /// <param name="checkpointPath">Where checkpoints go.</param>
    /// <param name="resumeFrom">A checkpoint of this very run to go on from, or null.</param>
    /// <param name="stop">Ends training after the step under way, with a checkpoint where there's room for one.</param>
    public TrainingSummary Train(string checkpointPath, string? resumeFrom, CancellationToken stop)
    {
        using var optimizer = new AdamW(network, options.WeightDecay);
        var position = start;
        using var mean = options.Ema > 0 ? NamedTensors.Of(network) : null;
        NamedTensors? best = null;
        if (resumeFrom is not null) (position, best) = Restore(Checkpoint.Read(resumeFrom), optimizer, mean);

        var rate = new LearningRate(options.LearningRate, options.WarmupEpochs, options.Epochs);
        var clock = time.GetTimestamp();
        var (before, clips, lastCheckpoint) = (position.Seconds, 0L, clock);
        var end = TrainingEnd.AllEpochs;
        double? score = null; // of the weights as they are now
        var room = new DiskRoom(observer, time, stop);

        TrainingPosition Timed() => position with { Seconds = before + time.GetElapsedTime(clock).TotalSeconds };
        double ClipsPerSecond() => clips / Math.Max(1e-9, time.GetElapsedTime(clock).TotalSeconds);
        bool WriteCheckpoint()
        {
            using var scope = NewDisposeScope();
            using var weights = NamedTensors.Of(network);
            var epoch = position.Epoch + (position.StepInEpoch > 0 ? (double)position.StepInEpoch / task.Batches.Steps(position.Epoch) : 0);
            var checkpoint = new Checkpoint(Timed(), weights, mean, best, NamedTensors.Owning(optimizer.State().ToDictionary()));
            var written = room.Write(() =>
            {
                checkpoint.Write(checkpointPath);
                observer.Checkpoint(new WrittenCheckpoint(checkpointPath, position.Step, epoch, score));
            }, (double)position.Epoch / options.Epochs, position.Step);
            lastCheckpoint = time.GetTimestamp();
            return written;
        }

        while (position.Epoch < options.Epochs && end == TrainingEnd.AllEpochs)
        {
            network.train();
            frozen?.Apply(position.Epoch);
            var steps = task.Batches.Steps(position.Epoch);
            foreach (var batch in task.Batches.Epoch(position.Epoch, position.StepInEpoch))
            {
                using var owned = batch;
                var learningRate = rate.At(position.Epoch, position.StepInEpoch, steps);
                var (loss, right, of) = Step(batch, optimizer, learningRate, position.Step);
                mean?.Follow(network, Math.Min(options.Ema, (1.0 + position.Step) / (10 + position.Step)));
                if (!double.IsFinite(loss))
                    throw new InvalidOperationException($"The loss became {loss} at step {position.Step}. Try a smaller learning_rate (it is {options.LearningRate}).");
                position = position with { Step = position.Step + 1, StepInEpoch = position.StepInEpoch + 1, Right = position.Right + right, Of = position.Of + of };
                score = null;
                clips += batch.Clips;
                if (position.Step % ReportEverySteps == 0 || position.StepInEpoch == steps)
                {
                    observer.Metric("train_loss", position.Step, loss);
                    observer.Metric("learning_rate", position.Step, learningRate);
                    observer.Metric("clips_per_second", position.Step, ClipsPerSecond());
                    observer.Progress("training", (position.Epoch + (double)position.StepInEpoch / steps) / options.Epochs, position.Step);
                }
                if (stop.IsCancellationRequested) end = TrainingEnd.Stopped;
                else if (options.MaxMinutes > 0 && Timed().Seconds >= options.MaxMinutes * 60) end = TrainingEnd.TimeLimit;
                if (end != TrainingEnd.AllEpochs) break;
            }
            if (end == TrainingEnd.Stopped) break;

            var figure = task.TrainFigure(position.Right, position.Of);
            observer.Metric(figure.Name, position.Step, figure.Value);
            position = position with { Epoch = position.Epoch + 1, StepInEpoch = 0, Right = 0, Of = 0 };
            if (Evaluated(mean, () => task.Validate(network, device)) is { } val)
            {
                foreach (var (name, value) in val.Figures) observer.Metric(name, position.Step, value);
                score = val.Score;
                if (val.Score > position.BestScore || (val.Score == position.BestScore && val.Loss < position.BestLoss))
                {
                    position = position with { BestEpoch = position.Epoch - 1, BestScore = val.Score, BestLoss = val.Loss };
                    best?.Dispose();
                    best = Evaluated(mean, () => NamedTensors.Of(network));
                }
                else if (options.Patience > 0 && position.Epoch - 1 - Math.Max(position.BestEpoch, task.FirstWholeEpoch) >= options.Patience && end == TrainingEnd.AllEpochs)
                {
                    end = TrainingEnd.EarlyStopping;
                }
            }
            if (stop.IsCancellationRequested) { end = TrainingEnd.Stopped; break; }
            if (time.GetElapsedTime(lastCheckpoint) >= CheckpointEvery && end == TrainingEnd.AllEpochs) WriteCheckpoint();
        }
        // What follows needs room as well.
        if (!WriteCheckpoint()) end = TrainingEnd.Stopped;
        var summary = new TrainingSummary(end, position.Epoch, position.Step, position.BestEpoch, Timed().Seconds, ClipsPerSecond());
        (best ?? mean)?.CopyTo(network);
        best?.Dispose();
        network.eval();
        return summary;
    }

    // One step: forward, loss, backward, clip, update.
    private (double Loss, long Right, long Of) Step(Batch batch, AdamW optimizer, double learningRate, long step)
    {
        using var scope = NewDisposeScope();
        manual_seed(unchecked((long)new SeededRandom(start.Seed, step).NextBits()) & long.MaxValue);
        optimizer.ZeroGradients();
        var wrong = batch.Loss(network, device);
        wrong.Loss.backward();
        optimizer.ClipGradients(options.ClipNorm);
        optimizer.Step(learningRate);
        return (wrong.Loss.detach().cpu().data<float>()[0], wrong.Right, wrong.Of);
    }

    // With the running mean in the network's place, and the weights back afterwards.
    private T Evaluated<T>(NamedTensors? mean, Func<T> read)
    {
        if (mean is null) return read();
        using var weights = NamedTensors.Of(network);
        mean.CopyTo(network);
        try
        {
            return read();
        }
        finally
        {
            weights.CopyTo(network);
        }
    }

    private (TrainingPosition, NamedTensors?) Restore(Checkpoint checkpoint, AdamW optimizer, NamedTensors? mean)
    {
        using var weights = checkpoint.Weights;
        using var savedMean = checkpoint.Mean;
        if (checkpoint.Position.Run != start.Run)
            throw new InvalidCheckpointException("The checkpoint belongs to a run with other data, parameters, seed or network. Go on with those of its run, or start anew without it.");
        if (mean is not null && savedMean is not null)
        {
            savedMean.CopyTo(network);
            mean.CopyFrom(network);
        }
        weights.CopyTo(network);
        using var moments = checkpoint.Optimizer;
        optimizer.Restore(moments.ByName);
        return (checkpoint.Position, checkpoint.Best);
    }
}
