using System.Diagnostics;
using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Contracts.Serving;
using LipSol.Silo.Models;
using LipSol.Silo.Node;

namespace LipSol.Silo.Transcriptions;

/// <summary>From a clip that arrived to the answer with all that stands behind it.</summary>
internal sealed class ClipTranscriber(IGrainFactory grains, ServedModels models, IClipCropper cropper, FolderArtifactStore artifacts, NodeOptions options)
{
    /// <summary>Makes its mouth clip, the part that takes long. Where reading that fails, it may be read again.</summary>
    /// <param name="clip">The clip; the caller disposes of it.</param>
    /// <param name="wish">How it's to be read.</param>
    /// <param name="deadline">Until when.</param>
    /// <param name="advance">Is told how far it is; null where nobody asks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="Clips.UnusableClipException">The clip can't be used.</exception>
    /// <exception cref="TooLateException">The deadline is over.</exception>
    public async Task<CroppedClip> OpenAsync(ReceivedClip clip, ReadingWish wish, AnswerDeadline deadline, Action<TranscriptionState, double>? advance, CancellationToken cancellationToken)
    {
        if (clip.Refusal is { } refusal) throw refusal;
        advance?.Invoke(TranscriptionState.Cropping, 0);
        return await deadline.HoldAsync(limited => ClipOpening.OpenAsync(clip, cropper, options, wish.Bulk, advance is null ? null : share => advance(TranscriptionState.Cropping, share), limited), cancellationToken);
    }

    /// <summary>Reads a mouth clip.</summary>
    /// <param name="id">The answer's id.</param>
    /// <param name="cropped">The mouth clip.</param>
    /// <param name="wish">How.</param>
    /// <param name="deadline">Until when.</param>
    /// <param name="received">How long the clip took to arrive.</param>
    /// <param name="since">How long ago it had.</param>
    /// <param name="advance">Is told how far it is; null where nobody asks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UnreadableInputException">The model can't read it.</exception>
    /// <exception cref="TooLateException">The deadline is over, or would be by its turn.</exception>
    public async Task<Transcription> ReadAsync(string id, CroppedClip cropped, ReadingWish wish, AnswerDeadline deadline, TimeSpan received, TimeSpan since, Action<TranscriptionState, double>? advance, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        advance?.Invoke(TranscriptionState.Reading, 1);
        var request = new ReadRequest(cropped.MouthClip, wish.Start, wish.End, wish.Decoder) { Bulk = wish.Bulk, RequestId = wish.RequestId ?? id, Caller = wish.Caller, Within = deadline.Left };
        var reading = await deadline.HoldAsync(limited => grains.GetGrain<IModelReaderGrain>(wish.Model).ReadAsync(request, wish.Version, limited).WaitAsync(limited), cancellationToken);
        var marks = await models.NotesOnAsync(reading.Model, reading.Version);
        var kept = wish.KeepsClip ? await artifacts.PutBytesAsync(cropped.MouthClip, cancellationToken) : null;
        var total = received + since + Stopwatch.GetElapsedTime(begun);
        return Answer(id, reading, marks, cropped, kept, Stages(received, cropped, reading, total));
    }

    private static Dictionary<string, double> Stages(TimeSpan received, CroppedClip clip, Reading reading, TimeSpan total)
    {
        var stages = new Dictionary<string, double>
        {
            ["receive"] = received.TotalMilliseconds,
            ["decode"] = clip.Decode.TotalMilliseconds,
            ["track"] = clip.Track.TotalMilliseconds,
            ["crop"] = clip.Crop.TotalMilliseconds,
            ["network"] = reading.NetworkMilliseconds,
            ["decoding"] = reading.DecodingMilliseconds,
        };
        // What is left is waiting, and the way between the parts.
        stages["queue"] = Math.Max(0, total.TotalMilliseconds - stages.Values.Sum());
        stages["total"] = total.TotalMilliseconds;
        return stages.ToDictionary(s => s.Key, s => Math.Round(s.Value, 2));
    }

    private static Transcription Answer(string id, Reading reading, IReadOnlyList<string> marks, CroppedClip clip, string? kept, Dictionary<string, double> milliseconds) => new()
    {
        Id = id,
        Text = reading.Text,
        Confidence = reading.Confidence,
        Words = [.. reading.Words.Select(w => new TranscribedWord(w.Word, w.Start, w.End, w.Confidence))],
        Alternatives = [.. reading.Alternatives.Select(a => new TranscriptionAlternative(a.Text, a.Confidence) { Score = a.Score })],
        LookAlike = reading.LookAlike,
        Decoder = reading.Decoder,
        Notes = [.. clip.Notes, .. reading.Notes, .. marks],
        MouthClip = kept,
        Provenance = Provenances.Of(reading, clip.Frames, clip.TrackedFrames, milliseconds),
    };
}
