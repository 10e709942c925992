using System.Text.Json.Serialization;

namespace LipSol.WorkerProtocol;

/// <summary>The version of the protocol. Host and worker refuse each other where it differs: they come from one build.</summary>
public static class Protocol
{
    /// <summary>Raised with every change that an older side would misread.</summary>
    public const int Version = 4;

    /// <summary>Largest frame in bytes; a longer one ends the connection.</summary>
    public const int LargestFrame = 8 << 20;
}

/// <summary>A message of the protocol; one frame each.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Hello), "hello")]
[JsonDerivedType(typeof(Welcome), "welcome")]
[JsonDerivedType(typeof(NotWelcome), "not-welcome")]
[JsonDerivedType(typeof(Acknowledge), "ack")]
[JsonDerivedType(typeof(Heartbeat), "heartbeat")]
[JsonDerivedType(typeof(StopRequest), "stop")]
[JsonDerivedType(typeof(UploadRequest), "upload")]
[JsonDerivedType(typeof(StreamBegin), "stream-begin")]
[JsonDerivedType(typeof(StreamPicture), "stream-picture")]
[JsonDerivedType(typeof(StreamEnd), "stream-end")]
[JsonDerivedType(typeof(StreamBegun), "stream-begun")]
[JsonDerivedType(typeof(StreamCropped), "stream-cropped")]
[JsonDerivedType(typeof(StreamFlushed), "stream-flushed")]
[JsonDerivedType(typeof(MetricBatch), "metrics")]
[JsonDerivedType(typeof(CheckpointWritten), "checkpoint")]
[JsonDerivedType(typeof(ArtifactKept), "artifact")]
[JsonDerivedType(typeof(Progress), "progress")]
[JsonDerivedType(typeof(ClipCropped), "clip")]
[JsonDerivedType(typeof(JobCompleted), "completed")]
[JsonDerivedType(typeof(JobStopped), "stopped")]
[JsonDerivedType(typeof(JobFailed), "failed")]
public abstract record WorkerMessage;

/// <summary>The two connections of a worker.</summary>
public enum Channel
{
    /// <summary>Numbered, acknowledged messages; back-pressure applies.</summary>
    Data,
    /// <summary>Heartbeats, stop, requests: never held up by the data.</summary>
    Control,
}

/// <summary>First message of the worker on each connection.</summary>
public sealed record Hello(int Version, Channel Channel, int ProcessId) : WorkerMessage;

/// <summary>The host's answer; on the control connection it holds the job.</summary>
public sealed record Welcome(int Version, WorkerJob? Job) : WorkerMessage;

/// <summary>The host's refusal; the worker ends.</summary>
public sealed record NotWelcome(string Reason) : WorkerMessage;

/// <summary>The host has dealt with the data message of this number, and with all before it.</summary>
public sealed record Acknowledge(long Number) : WorkerMessage;

/// <summary>A sign of life, on the control connection.</summary>
/// <param name="Step">Optimiser steps, or clips, done.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="Phase">What the worker does now.</param>
/// <param name="Time">When.</param>
public sealed record Heartbeat(long Step, double Progress, string Phase, DateTimeOffset Time) : WorkerMessage;

/// <summary>Asks the worker to write a checkpoint and stop.</summary>
public sealed record StopRequest(string Reason) : WorkerMessage;

/// <summary>Asks an upload worker for one clip; the answer is a <see cref="ClipCropped"/> with the same path.</summary>
/// <param name="Path">The uploaded file, or the folder of numbered pictures.</param>
/// <param name="Out">Where to write the mouth clip.</param>
public sealed record UploadRequest(string Path, string Out) : WorkerMessage
{
    /// <summary>The rate of a folder of pictures; videos have their own.</summary>
    public double PicturesPerSecond { get; init; } = 25;
}

/// <summary>A message on the data connection: numbered from 1 without holes, acknowledged by the host once dealt with.</summary>
public abstract record DataMessage : WorkerMessage
{
    /// <summary>The number; given by the connection when it sends.</summary>
    public long Number { get; init; }
}

/// <summary>One value of a metric.</summary>
public readonly record struct MetricValue(string Name, long Step, double Value, DateTimeOffset Time);

/// <summary>Metric points. <see cref="Batch"/> counts from 1 without holes.</summary>
public sealed record MetricBatch(long Batch, IReadOnlyList<MetricValue> Points) : DataMessage;

/// <summary>A checkpoint is in the artifact store.</summary>
/// <param name="Artifact">Its MD5.</param>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="Epoch">Epochs done, with the share of the one under way.</param>
/// <param name="Time">When it was in the store.</param>
/// <param name="Score">How well its weights read <c>val</c>: larger is better; null where that wasn't measured at this step.</param>
public sealed record CheckpointWritten(string Artifact, long Step, double Epoch, DateTimeOffset Time, double? Score = null) : DataMessage;

/// <summary>Something that the run keeps whatever becomes of it is in the artifact store. A name that was told before is told anew by a later attempt.</summary>
/// <param name="Name">What it is called among the run's artifacts, e.g. <c>init-report.json</c>.</param>
/// <param name="Artifact">Its MD5.</param>
public sealed record ArtifactKept(string Name, string Artifact) : DataMessage;

/// <summary>How far a stage is, in its own unit.</summary>
/// <param name="Stage">E.g. <c>drawing</c>, <c>tracking</c>.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all; 0 where unknown.</param>
/// <param name="Unit">E.g. <c>clips</c>.</param>
public sealed record Progress(string Stage, double Done, double Total, string Unit) : DataMessage;

/// <summary>A clip went through the cropper.</summary>
public sealed record ClipCropped(CroppedClip Clip) : DataMessage;

/// <summary>The job is done; the worker ends.</summary>
public sealed record JobCompleted(JobResult Result) : DataMessage;

/// <summary>The job stopped as asked; the worker ends.</summary>
public sealed record JobStopped(string Reason) : DataMessage;

/// <summary>The job failed; the worker ends.</summary>
/// <param name="Reason">For people: what was wrong and what to do.</param>
/// <param name="BadInput">What was asked for can't be done as it stands (as against: something broke).</param>
/// <param name="DiskFull">There was no room for what it had to write; it can be done once there is.</param>
public sealed record JobFailed(string Reason, bool BadInput, bool DiskFull = false) : DataMessage;
