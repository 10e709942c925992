using System.Globalization;
using LipSol.Clips;

namespace LipSol.Inference;

/// <summary>Whether a model can read a clip.</summary>
internal static class ClipChecks
{
    /// <summary>The word, or the part of a sentence, to read, in frames; null for the whole clip.</summary>
    /// <exception cref="UnusableClipException">The model can't read it; the message says why and what to do.</exception>
    public static WordSpan? Check(MouthClip clip, ModelManifest manifest, string cropFingerprint, double? start, double? end)
    {
        CheckSettings(clip, manifest.Crop, cropFingerprint);
        var shortest = manifest.Input.ShortestClip;
        if (clip.Length < shortest)
            throw Unusable(UnusableReason.TooShort, $"The clip has {clip.Length} frames; this model reads at least {shortest} ({shortest / clip.FramesPerSecond:0.00} s). Record a longer one.");
        if (start is null && end is null)
        {
            if (manifest.Task == ModelTask.Characters) return null;
            // A model that was trained on words in longer clips needs to know where the word is; one that was trained on clips as a whole doesn't.
            if ((manifest.Input.MarksWord || clip.Length > manifest.Input.LongestClip) && WordSpotting.Find(clip) is { } found && manifest.Input.Reads(found))
                return found;
            return clip.Length <= manifest.Input.LongestClip ? null : throw Unusable(UnusableReason.TooLong,
                $"The clip has {clip.Length} frames ({clip.Length / clip.FramesPerSecond:0.0} s), and no single word in it could be found; this model reads one word at a time, of at most {manifest.Input.LongestClip} frames. Record one word with the lips at rest before and after it, cut the clip to the word, or say where it is: start and end in seconds.");
        }
        return CheckWord(clip, start, end, shortest);
    }

    /// <summary>Whether the clip was made as the model's were.</summary>
    /// <exception cref="UnusableClipException">It wasn't; the message names the differences.</exception>
    public static void CheckSettings(MouthClip clip, CropSettings wanted, string wantedFingerprint)
    {
        if (clip.Settings != wanted)
            throw Unusable(UnusableReason.WrongSettings,
                $"The mouth clip was made with other crop settings than this model's: {Difference(clip.Settings, wanted)} (settings {clip.Settings?.Fingerprint() ?? "unknown"}, the model's are {wantedFingerprint}). Crop the video again with the model's settings, or send the video.");
        // What the file says of itself is checked too: settings are only a promise.
        if (wanted.LandmarkModels.Length > 0 && (clip.Height != wanted.Size || clip.Width != wanted.Size || Math.Abs(clip.FramesPerSecond - wanted.FramesPerSecond) > 1e-6))
            throw Unusable(UnusableReason.WrongSettings,
                $"The mouth clip has {clip.Height}×{clip.Width} pixels at {clip.FramesPerSecond:0.##} frames a second; its settings, and this model's, say {wanted.Size}×{wanted.Size} at {wanted.FramesPerSecond:0.##}. Crop the video again.");
    }

    private static WordSpan CheckWord(MouthClip clip, double? start, double? end, int shortest)
    {
        var seconds = clip.Length / clip.FramesPerSecond;
        if (start is not { } from || end is not { } to)
            throw Unusable(UnusableReason.TooShort, "Only one of the word's start and end is given. Give both, in seconds, or none.");
        if (!double.IsFinite(from) || !double.IsFinite(to) || from < 0 || to <= from || from >= seconds || to > seconds + 1)
            throw Unusable(UnusableReason.TooShort, $"The word is said to be from {from:0.###} s to {to:0.###} s, but the clip lasts from 0 to {seconds:0.###} s. Give times inside the clip, the start before the end.");
        return (to - from) * clip.FramesPerSecond >= shortest - 0.5
            ? WordSpan.FromSeconds(from, to, clip.FramesPerSecond)
            : throw Unusable(UnusableReason.TooShort, $"The word lasts {to - from:0.###} s; this model reads words of at least {shortest} frames ({shortest / clip.FramesPerSecond:0.00} s).");
    }

    private static string Difference(CropSettings? clip, CropSettings model)
    {
        if (clip is null) return "it names none";
        var differences = new List<string>();
        Add("size", clip.Size, model.Size);
        Add("frames a second", clip.FramesPerSecond, model.FramesPerSecond);
        Add("extent", clip.Extent, model.Extent);
        Add("smoothing", clip.Smoothing, model.Smoothing);
        Add("smallest tracked share", clip.MinimumTrackedShare, model.MinimumTrackedShare);
        Add("landmark models", clip.LandmarkModels, model.LandmarkModels);
        Add("revision", clip.Revision, model.Revision);
        return string.Join(", ", differences);

        void Add<T>(string name, T ofClip, T ofModel)
        {
            if (!Equals(ofClip, ofModel)) differences.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {ofClip} instead of {ofModel}"));
        }
    }

    private static UnusableClipException Unusable(UnusableReason reason, FormattableString message) => new(reason, message.ToString(CultureInfo.InvariantCulture));

    private static UnusableClipException Unusable(UnusableReason reason, string message) => new(reason, message);
}
