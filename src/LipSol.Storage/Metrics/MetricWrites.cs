using System.Text;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;

namespace LipSol.Storage.Metrics;

/// <summary>One write that waits for its transaction.</summary>
internal abstract class MetricWrite(string runId, long epoch)
{
    /// <summary>The run it is about.</summary>
    public string RunId { get; } = runId;

    /// <summary>The epoch that writes.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>Why it was refused, the others of its group notwithstanding.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Does it to the locked row of its run, in memory.</summary>
    /// <exception cref="StaleLeaseException">The epoch may not.</exception>
    public abstract void Apply(LockedRun run, MetricChanges changes);

    /// <summary>Its transaction is committed.</summary>
    public abstract void Succeed();

    /// <summary>Its transaction failed, or may have.</summary>
    public abstract void Fail(Exception error);
}

/// <summary>A write with an answer.</summary>
internal abstract class MetricWrite<T>(string runId, long epoch) : MetricWrite(runId, epoch)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the transaction.</summary>
    public Task<T> Completion => _completion.Task;

    /// <summary>The answer, once it's applied.</summary>
    protected T? Result { get; set; }

    public override void Succeed()
    {
        if (Refusal is null) _completion.TrySetResult(Result!);
        else _completion.TrySetException(Refusal);
    }

    public override void Fail(Exception error) => _completion.TrySetException(error);
}

/// <summary><see cref="IMetricStore.BeginEpochAsync"/></summary>
internal sealed class BeginEpoch(string runId, long epoch) : MetricWrite<bool>(runId, epoch)
{
    public override void Apply(LockedRun run, MetricChanges changes)
    {
        if (run.Exists && (Epoch < run.Epoch || Epoch == run.Epoch && !run.Open))
            throw new StaleLeaseException($"Run {RunId}: epoch {Epoch} can't begin, epoch {run.Epoch} has {(run.Open ? "begun" : "ended")}.");
        if (run.Exists && Epoch == run.Epoch) return;
        (run.Exists, run.Epoch, run.Open) = (true, Epoch, true);
        changes.Changed.Add(run);
    }
}

/// <summary><see cref="IMetricStore.EndEpochAsync"/></summary>
internal sealed class EndEpoch(string runId, long epoch) : MetricWrite<bool>(runId, epoch)
{
    public override void Apply(LockedRun run, MetricChanges changes)
    {
        if (!run.Exists || run.Epoch != Epoch || !run.Open) return;
        run.Open = false;
        changes.Changed.Add(run);
    }
}

/// <summary><see cref="IMetricStore.AppendAsync"/></summary>
internal sealed class Append(string runId, long epoch, long batch, IReadOnlyList<MetricPoint> points) : MetricWrite<AppendedBatch>(runId, epoch)
{
    // An index entry of PostgreSQL's has at most 2,704 bytes.
    private const int LongestName = 2000;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Its number within the epoch.</summary>
    public long Batch { get; } = batch;

    /// <summary>What it brings.</summary>
    public IReadOnlyList<MetricPoint> Points { get; } = points;

    public override void Apply(LockedRun run, MetricChanges changes)
    {
        if (!run.Exists || run.Epoch != Epoch)
            throw new StaleLeaseException($"Run {RunId}: epoch {Epoch} isn't the one that holds the run; its worker must end.");
        if (run.Batches.Contains((Epoch, Batch)))
        {
            Result = new AppendedBatch(run.Cursor, Repeated: true);
            return;
        }
        if (!run.Open) throw new StaleLeaseException($"Run {RunId}: epoch {Epoch} has ended; its worker must end.");

        run.Cursor++;
        run.Batches.Add((Epoch, Batch));
        changes.Changed.Add(run);
        changes.Batches.Add((run, Epoch, Batch, run.Cursor));
        foreach (MetricPoint point in Points) changes.Add(run, Epoch, point);
        Result = new AppendedBatch(run.Cursor, Repeated: false);
    }

    /// <exception cref="ArgumentException">A name that PostgreSQL can't keep.</exception>
    public void CheckNames()
    {
        foreach (MetricPoint point in Points)
        {
            ArgumentNullException.ThrowIfNull(point.Name);
            if (point.Name.Contains('\0')) throw new ArgumentException($"The metric's name \"{point.Name.Replace("\0", "\\0", StringComparison.Ordinal)}\" has a character of code 0 in it.");
            int bytes;
            try
            {
                bytes = Strict.GetByteCount(point.Name);
            }
            catch (EncoderFallbackException)
            {
                throw new ArgumentException("A metric's name has half a surrogate pair in it, so it is no text.");
            }
            if (bytes > LongestName) throw new ArgumentException($"A metric's name has {bytes} bytes, at most {LongestName} can be kept: \"{point.Name[..40]}…\".");
        }
    }
}
