using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Nodes;
using LipSol.Inference;
using LipSol.Silo.Models;
using LipSol.Silo.Node;
using LipSol.Silo.Transcriptions;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Streaming;

/// <summary>What a stream needs of its node.</summary>
internal sealed record StreamParts(IGrainFactory Grains, ServedModels Models, FolderArtifactStore Store, IStreamCroppers Croppers, StreamLimits Limits, NodeOptions Node, TimeProvider Time, ILogger<StreamSession> Log);

/// <summary>One caller's stream: frames in, captions out. Three things go on at once: messages are received, windows are read, and answers are sent; none waits for another.</summary>
internal sealed class StreamSession : IAsyncDisposable
{
    private const int ReadsThatMayFail = 20;
    private static readonly TimeSpan[] BetweenLastReads = [TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // A canary answers a stream as a whole or not at all.
    private readonly string id = Guid.NewGuid().ToString("N");
    private readonly StreamParts parts;
    private readonly StreamSocket socket;
    private readonly StreamFigures figures = new();
    private readonly Channel<bool> arrived = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource<StreamEnding> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StreamOptions options = null!;
    private StreamModel model = null!;
    private StreamClock clock = null!;
    private StreamTeller teller = null!;
    private CropWindow window = null!;
    private ICaptions captions = null!;
    private FaceWatch face = null!;
    private IStreamCropper? cropper;
    private Reading? reading;
    private long droppedUntold;

    public StreamSession(StreamSocket socket, StreamParts parts) => (this.socket, this.parts) = (socket, parts);

    /// <summary>Reads the stream to its end, whatever that is; the caller is told why. Never throws.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var sending = socket.SendQueuedAsync();
        string? reason = null;
        try
        {
            using var stops = stopping.Register(() => End(new StreamEnding("stopping", "The node stops. Begin another stream in a moment, with another node of the cluster where there is one.")));
            await BeginAsync(stopping);
            var read = ReadAllAsync();
            if (await ReceiveAllAsync()) await FinishAsync(read);
            else reason = "gone";
        }
        catch (StreamEnding e)
        {
            socket.Send(new StreamError(reason = e.Reason, e.Message));
        }
        catch (Exception e) when (e is OperationCanceledException && stopping.IsCancellationRequested)
        {
            socket.Send(new StreamError(reason = "stopping", "The node stops."));
        }
        catch (Exception e)
        {
            parts.Log.LogError(e, "A stream failed.");
            socket.Send(new StreamError(reason = "internal", "The node failed to read the stream; its log says why."));
        }

        arrived.Writer.TryComplete();
        await socket.CloseAsync(reason, sending);
        if (clock is not null)
            parts.Log.LogInformation("A stream of {Frames} frames was read by {Model} version {Version} in {Windows} windows ({Dropped} frames dropped, {Refused} refused); it ended {Reason}.", clock.Frames, model.Version.Model, reading?.Version ?? model.Version.Version, figures.Windows, figures.Dropped, figures.Refused, reason ?? "as it should");
    }

    public async ValueTask DisposeAsync()
    {
        if (cropper is not null) await cropper.DisposeAsync();
        socket.Dispose();
    }

    private async Task BeginAsync(CancellationToken stopping)
    {
        options = CallerMessages.Parse(await ReceiveAsync(parts.Limits.Greeting, "no-greeting", $"The first message has to come within {parts.Limits.Greeting.TotalSeconds:0} s: JSON that says what the stream is."));
        model = await StreamModel.FindAsync(options, parts.Models, parts.Grains, parts.Store);
        var crop = model.Manifest.Crop;
        if (options.Input == StreamInput.Crops && !options.Timestamps && Math.Abs(options.FramesPerSecond - crop.FramesPerSecond) > 1e-6)
            throw new StreamEnding("bad-request", string.Create(CultureInfo.InvariantCulture, $"framesPerSecond is {options.FramesPerSecond}; mouth crops come at the model's own rate, {crop.FramesPerSecond} a second. Send the pictures, and the node resamples."));
        clock = new StreamClock(options.FramesPerSecond, crop.FramesPerSecond);
        teller = new StreamTeller(socket, clock, parts.Time);
        window = new CropWindow(crop, model.Kept);
        captions = model.Captions(new StabilityRule());
        face = new FaceWatch();
        if (options.Input == StreamInput.Frames)
        {
            cropper = await parts.Croppers.TakeAsync(crop, Cropped, stopping);
            _ = cropper.Broken.ContinueWith(why => End(new StreamEnding("no-cropper", $"The process that cropped this stream ended ({why.Result}): a picture was more than it could take. Nothing else was harmed; begin another stream.")), TaskScheduler.Default);
        }

        var version = model.Version;
        socket.Send(new StreamReady
        {
            Model = version.Model,
            Version = version.Version,
            RunId = version.RunId,
            DataHash = version.DataHash,
            CodeVersion = NodeVersion.Text,
            Synthetic = model.Manifest.Synthetic,
            Node = parts.Node.Name,
            Task = model.Manifest.Task == ModelTask.Characters ? "characters" : "word",
            CropSize = crop.Size,
            CropsPerSecond = crop.FramesPerSecond,
            LagFrames = cropper is null ? 0 : LagFrames,
            MessageBytes = parts.Limits.MessageBytes,
            Pixels = parts.Limits.Pixels,
            Seconds = parts.Limits.Session.TotalSeconds,
        });
        await NoteMarksAsync(version.Version);
    }

    /// <summary>LipSol.Vision's CausalMouthCropper.Lag; the silo doesn't reference that project.</summary>
    internal const int LagFrames = 2;

    // True where the caller has ended the stream as it should; false where it's gone.
    private async Task<bool> ReceiveAllAsync()
    {
        var begun = parts.Time.GetTimestamp();
        while (true)
        {
            if (parts.Time.GetElapsedTime(begun) > parts.Limits.Session)
            {
                teller.Notice("session-length", $"The stream is as long as one may be ({parts.Limits.Session.TotalMinutes:0.#} minutes): what was said is final. Begin another one.", always: true);
                return true;
            }

            if (await ReceiveAsync(parts.Limits.Idle, "idle", $"Nothing has come for {parts.Limits.Idle.TotalSeconds:0} s. A stream that pauses is ended and begun anew.", mayClose: true) is not { } message) return false;
            if (message.IsText)
            {
                if (CallerMessages.IsEnd(message.Content)) return true;
                throw new StreamEnding("bad-request", "A text message within the stream can only be {\"type\":\"end\"}; frames are binary messages.");
            }

            await TakeAsync(message.Content);
        }
    }

    private async Task TakeAsync(byte[] content)
    {
        double? stamp = null;
        if (options.Timestamps)
        {
            if (content.Length < sizeof(double)) throw new StreamEnding("bad-request", "A frame is shorter than the time that it has to begin with (8 bytes: a little-endian 64-bit float).");
            stamp = BinaryPrimitives.ReadDoubleLittleEndian(content);
            content = content[sizeof(double)..];
        }

        if (clock.Next(stamp) is not { } time) return;
        if (cropper is null)
        {
            TakeCrop(content, time);
        }
        else if (cropper.UnderWay >= parts.Limits.UnderWay)
        {
            figures.Dropped++;
            droppedUntold++;
            if (teller.Notice("frames-dropped", $"{droppedUntold} frames came faster than this node crops and were dropped. Send fewer a second, or smaller ones.")) droppedUntold = 0;
        }
        else
        {
            await cropper.PushAsync(time, content);
        }
    }

    private void TakeCrop(byte[] pixels, double time)
    {
        var size = window.Settings.Size;
        if (pixels.Length != size * size) throw new StreamEnding("bad-request", $"A mouth crop has {pixels.Length} bytes; this model's have {size}×{size} = {size * size}: grey, row by row.");
        var number = (int)Math.Round(time * window.Settings.FramesPerSecond);
        if (window.Count > 0 && number < window.Next) return;
        window.Add(number, pixels, new FrameQuality(FrameSource.Tracked, 1));
        arrived.Writer.TryWrite(true);
    }

    // Called by the cropper, in order.
    private void Cropped(StreamCropped picture)
    {
        if (picture.Milliseconds > 0) figures.Add("crop", picture.Milliseconds);
        if (picture.Refused is { } why)
        {
            figures.Refused++;
            teller.Notice("picture-refused", why);
            return;
        }

        foreach (var crop in picture.Crops) window.Add(crop.Number, crop.Pixels, new FrameQuality((FrameSource)crop.Source, crop.Confidence));
        if (picture.Crops.Count > 0) arrived.Writer.TryWrite(true);
        if (picture.Milliseconds > 0 && face.See(picture.Faces, clock.Time) is { } change)
            teller.Notice(change.Lost ? "face-lost" : "face-found", change.Lost ? "No face is seen. It has to be lit, seen from the front, and at least an eighth of the picture's height." : "The face is seen.", always: true);
    }

    private async Task ReadAllAsync()
    {
        var (read, holes, failures) = (0, 0, 0);
        try
        {
            while (await arrived.Reader.WaitToReadAsync())
            {
                while (arrived.Reader.TryRead(out _))
                {
                }

                if (window.Holes is var now && now != holes)
                {
                    holes = now;
                    teller.Notice("crops-missing", string.Create(CultureInfo.InvariantCulture, $"Nothing came for more than {CropWindow.Bridged / window.Settings.FramesPerSecond:0.##} s of the stream: what was said until then is final, and words across it aren't read. Send at least {Math.Ceiling(window.Settings.FramesPerSecond / CropWindow.Bridged):0} frames a second."));
                    teller.Captions(captions.Break(), clock.Time);
                    read = 0;
                }

                var next = window.Next;
                if (next - read < ICaptions.Hop) continue;
                read = next;
                failures = await ReadAsync(last: false) is null ? 0 : failures + 1;
                if (failures == ReadsThatMayFail) throw GivenUp();
            }
        }
        catch (StreamEnding e)
        {
            End(e);
        }
        catch (Exception e)
        {
            parts.Log.LogError(e, "A stream can't be read.");
            End(new StreamEnding("internal", "The node failed to read the stream; its log says why."));
        }
    }

    /// <summary>Reads what has come.</summary>
    /// <returns>Null; or, where the cluster can't read just now, the least time after which it may.</returns>
    private async Task<TimeSpan?> ReadAsync(bool last)
    {
        try
        {
            if (await captions.ReadAsync(window, ReadClipAsync, last) is var (change, time)) teller.Captions(change, time);
            return null;
        }
        catch (UnreadableInputException e)
        {
            throw new StreamEnding(e.Reason ?? "unreadable", e.Message);
        }
        catch (RefusedException e)
        {
            throw new StreamEnding("refused", e.Message);
        }
        catch (Exception e) when (e is OverloadedException or TooLateException or LimitExceededException || ClusterErrors.IsPassing(e))
        {
            teller.Notice("overloaded", "The node has more to read than it can: captions come late.");
            return e is OverloadedException full ? full.RetryAfter : TimeSpan.Zero;
        }
    }

    /// <summary>Nothing more comes, so that waiting costs no captions: an overload is mostly over in a moment.</summary>
    private async Task ReadLastAsync()
    {
        foreach (var pause in BetweenLastReads)
        {
            if (await ReadAsync(last: true) is not { } soonest) return;
            if (soonest > LongestPause) soonest = LongestPause;
            if (await Task.WhenAny(Task.Delay(soonest > pause ? soonest : pause, parts.Time), ended.Task) == ended.Task) throw await ended.Task;
        }

        if (await ReadAsync(last: true) is not null) throw GivenUp();
    }

    /// <summary>The cluster can't read: what was told last stays as it stands.</summary>
    private StreamEnding GivenUp()
    {
        teller.Captions(captions.Break(), clock.Time);
        return new StreamEnding("unavailable", "The cluster has more to read than it can, or has lost a node, and what was said last could not be read to its end: its words are final as they stood. Begin another stream in a little while.");
    }

    private async Task<Reading> ReadClipAsync(MouthClip clip, double? start, double? end)
    {
        var since = Stopwatch.GetTimestamp();
        var bytes = await Task.Run(() => MouthClipFile.ToBytes(clip, packed: false));
        var read = await parts.Grains.GetGrain<IModelReaderGrain>(model.Version.Model).ReadAsync(new ReadRequest(bytes, start, end, options.Decoder) { RequestId = id, Caller = id }, options.Version);
        figures.Windows++;
        figures.Add("read", Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        figures.Add("network", read.NetworkMilliseconds);
        var changed = read.Version != (reading?.Version ?? model.Version.Version);
        reading = read;
        if (changed)
        {
            teller.Notice("model-changed", $"Version {read.Version} of {read.Model} was promoted and reads from now on.", always: true);
            await NoteMarksAsync(read.Version);
        }
        return read;
    }

    private async Task NoteMarksAsync(int version)
    {
        foreach (var note in await parts.Models.NotesOnAsync(model.Version.Model, version)) teller.Notice("model-marked", note, always: true);
    }

    private async Task FinishAsync(Task read)
    {
        if (cropper is not null)
        {
            try
            {
                await cropper.FinishAsync(CancellationToken.None);
            }
            catch (TimeoutException e)
            {
                throw new StreamEnding("no-cropper", $"The last pictures could not be cropped in time: {e.Message}");
            }
        }

        arrived.Writer.TryComplete();
        await read;
        if (cropper is { Broken.IsCompleted: true } || ended.Task.IsCompleted) throw await ended.Task;
        await ReadLastAsync();
        teller.Captions(captions.Break(), clock.Time);
        socket.Send(new StreamDone
        {
            Text = teller.Said,
            Decoder = reading?.Decoder,
            FramesReceived = clock.Frames,
            FramesDropped = figures.Dropped,
            FramesRefused = figures.Refused,
            Windows = figures.Windows,
            Provenance = Provenances.Of(reading ?? Nothing(), window.Count, window.Tracked, figures.Milliseconds()),
        });
    }

    /// <summary>Where nothing was read: the model that would have.</summary>
    private Reading Nothing() => new()
    {
        Text = "",
        Confidence = 0,
        Words = [],
        Alternatives = [],
        Model = model.Version.Model,
        Version = model.Version.Version,
        RunId = model.Version.RunId,
        DataHash = model.Version.DataHash,
        Synthetic = model.Manifest.Synthetic,
        Device = "",
        Node = parts.Node.Name,
    };

    private async Task<Incoming> ReceiveAsync(TimeSpan patience, string reason, string advice) =>
        await ReceiveAsync(patience, reason, advice, mayClose: false) ?? throw new StreamEnding("gone", "The caller has closed the stream.");

    private async Task<Incoming?> ReceiveAsync(TimeSpan patience, string reason, string advice, bool mayClose)
    {
        using var over = new CancellationTokenSource();
        try
        {
            var receiving = socket.ReceiveAsync(patience, over.Token);
            if (await Task.WhenAny(receiving, ended.Task) == receiving) return await receiving;
            await over.CancelAsync();
            await ((Task)receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw await ended.Task;
        }
        catch (TimeoutException)
        {
            throw new StreamEnding(reason, advice);
        }
    }

    private void End(StreamEnding why) => ended.TrySetResult(why);
}
