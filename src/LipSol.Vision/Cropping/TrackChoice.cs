using System.Globalization;
using LipSol.Clips;

namespace LipSol.Vision;

/// <summary>Whose mouth is cropped where several faces are seen, and whether it was seen enough.</summary>
internal static class TrackChoice
{
    /// <summary>The largest of the faces that stay at least half as long as the one that stays longest.</summary>
    public static FaceTrack? LargestThatStays(IReadOnlyList<FaceTrack> tracks)
    {
        if (tracks.Count == 0) return null;
        var longest = tracks.Max(t => t.Samples.Count);
        return tracks.Where(t => 2 * t.Samples.Count >= longest).MaxBy(t => t.MedianWidth);
    }

    /// <summary>Refuses a clip whose face is missing in too many frames, and says where.</summary>
    public static void RefuseUntracked(string name, FaceTrack? face, IReadOnlyList<double> times, CropSettings settings)
    {
        // A face whose mouth lies outside the picture wherever it's needed is none either.
        if (face is null || !face.Samples.Any(s => face.Patches.ContainsKey(s.Observation.Frame)))
            throw new UnusableClipException(UnusableReason.NoFace,
                $"No face was found in any of the {times.Count} frames of {name}. The face has to be lit, seen from the front, and at least an eighth of the picture's height.");
        var share = face.Samples.Count / (double)times.Count;
        if (share >= settings.MinimumTrackedShare) return;
        var missing = Missing(face, times.Count);
        throw new UnusableClipException(UnusableReason.NoFace, string.Create(CultureInfo.InvariantCulture,
            $"No face in {100 * (1 - share):0} % of the frames of {name} ({times.Count - face.Samples.Count} of {times.Count}; at most {100 * (1 - settings.MinimumTrackedShare):0} % may be without): {Spans(missing, times)}. Cut the clip to where the face is seen, or record it again."));
    }

    /// <summary>What someone who looks at the result should know.</summary>
    public static IReadOnlyList<string> Notes(IReadOnlyList<FaceTrack> tracks, FaceTrack face, PosePath path, IReadOnlyList<double> times)
    {
        var notes = new List<string>();
        if (tracks.Count > 1)
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{tracks.Count} faces were seen; the largest that stays was followed: {face.MedianWidth:0} pixels wide, in {face.Samples.Count} of {times.Count} frames (the others: {string.Join("; ", tracks.Where(t => t != face).Select(t => $"{t.MedianWidth:0} pixels in {t.Samples.Count} frames"))})."));
        var interpolated = path.Quality.Count(q => q.Source == FrameSource.Interpolated);
        if (interpolated > 0) notes.Add($"The face was lost for a moment: {interpolated} of {times.Count} frames are interpolated.");
        var missing = Enumerable.Range(0, times.Count).Where(i => path.Quality[i].Source == FrameSource.Missing).ToList();
        if (missing.Count > 0) notes.Add($"No face {Spans(missing, times)}: {missing.Count} of {times.Count} frames repeat their nearest neighbour.");
        return notes;
    }

    private static List<int> Missing(FaceTrack face, int count)
    {
        var found = face.Samples.Select(s => s.Observation.Frame).ToHashSet();
        return Enumerable.Range(0, count).Where(i => !found.Contains(i)).ToList();
    }

    private static string Spans(List<int> frames, IReadOnlyList<double> times)
    {
        var spans = new List<(int First, int Last)>();
        foreach (var frame in frames)
            if (spans.Count > 0 && spans[^1].Last == frame - 1) spans[^1] = (spans[^1].First, frame);
            else spans.Add((frame, frame));
        var told = spans.OrderByDescending(s => s.Last - s.First).Take(3).OrderBy(s => s.First)
            .Select(s => string.Create(CultureInfo.InvariantCulture, $"from {times[s.First]:0.00} s to {(s.Last + 1 < times.Count ? times[s.Last + 1] : times[s.Last]):0.00} s"));
        return string.Join(", ", told) + (spans.Count > 3 ? $" and in {spans.Count - 3} shorter places" : "");
    }
}
