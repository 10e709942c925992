using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Follows the faces of one clip from frame to frame. Not thread-safe; the models are shared by the clips of a thread.</summary>
/// <remarks>Each frame's face is sought around the landmarks of the frame before; the detector runs where a face was lost, and now and then for
/// faces that come later.</remarks>
internal sealed class FaceTracker(FaceDetector detector, FaceLandmarker landmarker)
{
    private const float MinimumConfidence = 0.5f;
    private const float OverlapOfOneFace = 0.35f;
    private const int MostFaces = 4, FramesBetweenDetections = 15, FramesOfPatience = 10, FramesBetweenPartSearches = 5;

    private readonly Point2f[] _mesh = new Point2f[FaceMesh.Points];
    private readonly Point2f[] _upsideDown = new Point2f[FaceMesh.Points];
    private readonly List<FaceTrack> _tracks = [];

    /// <summary>The faces seen so far.</summary>
    public IReadOnlyList<FaceTrack> Tracks => _tracks;

    /// <summary>Finds the faces in the next frame.</summary>
    /// <param name="frame_BGR">The frame, perhaps scaled down.</param>
    /// <param name="index">Its number.</param>
    /// <param name="seconds">Its time.</param>
    /// <param name="scale">Pixels of the source for each pixel of the frame.</param>
    public void Advance(Mat frame_BGR, int index, double seconds, float scale)
    {
        foreach (var track in _tracks) Follow(track, frame_BGR, index, seconds, scale);
        DropDoubles();
        if (!IsDetectionDue(index)) return;
        foreach (var detection in detector.Find(frame_BGR, searchParts: index % FramesBetweenPartSearches == 0 && !_tracks.Exists(t => t.LostFor == 0)))
            TakeUp(detection, frame_BGR, index, seconds, scale);
    }

    /// <summary>Gives up faces that have been lost for more than so many frames, and of the others all but the last samples: a stream may go on for hours.</summary>
    public void Forget(int lostFor, int keptSamples)
    {
        _tracks.RemoveAll(t => t.LostFor > lostFor);
        foreach (var track in _tracks) track.KeepLast(keptSamples);
    }

    private void Follow(FaceTrack track, Mat frame_BGR, int index, double seconds, float scale)
    {
        if (track.LostFor == 0)
        {
            var confidence = landmarker.Find(frame_BGR, FaceRegion.Around(track.Mesh), _mesh);
            if (confidence >= MinimumConfidence && IsPlausible(_mesh, frame_BGR, track.Width))
            {
                track.Found(_mesh, FaceObservation.From(index, seconds, confidence, _mesh, scale), scale);
                return;
            }
        }

        track.Lost();
    }

    private bool IsDetectionDue(int index)
    {
        if (index % FramesBetweenDetections == 0) return true;
        if (_tracks.Count == 0) return index < 3 * FramesOfPatience || index % 3 == 0;
        return _tracks.Exists(t => t.LostFor is > 0 and <= FramesOfPatience || (t.LostFor > 0 && t.LostFor % 3 == 0));
    }

    private void TakeUp(FaceDetection detection, Mat frame_BGR, int index, double seconds, float scale)
    {
        if (_tracks.Exists(t => t.LostFor == 0 && FaceDetector.Overlap(t.Box, detection.Box) > 0.2f)) return;
        var confidence = Place(frame_BGR, FaceRegion.Around(detection), _mesh);
        // Of a face that hangs upside down (a camera fixed so, or a picture that is to be shown mirrored) the detector takes the chin for the forehead, and so does the mesh, less sure of itself.
        var turned = Place(frame_BGR, FaceRegion.Around(detection).UpsideDown, _upsideDown);
        if (1 - turned < (1 - confidence) / 2)
        {
            _upsideDown.CopyTo(_mesh, 0);
            confidence = turned;
        }

        if (confidence < MinimumConfidence || !IsPlausible(_mesh, frame_BGR, null)) return;
        var track = _tracks.Where(t => t.LostFor > 0).Select(t => (Track: t, Distance: Distance(t))).Where(c => c.Distance < 1)
            .OrderBy(c => c.Distance).Select(c => c.Track).FirstOrDefault();
        if (track is null)
        {
            if (_tracks.Count == MostFaces) return;
            _tracks.Add(track = new FaceTrack());
        }

        track.Found(_mesh, FaceObservation.From(index, seconds, confidence, _mesh, scale), scale);

        // Below 1 where a lost face can have got here since: it may move by a fifth of its width a frame, and come a little nearer or go.
        double Distance(FaceTrack lost)
        {
            var width = (float)_mesh[FaceMesh.FaceRight].DistanceTo(_mesh[FaceMesh.FaceLeft]);
            if (width > 1.7f * lost.Width || lost.Width > 1.7f * width) return double.PositiveInfinity;
            return _mesh[FaceMesh.NoseBridge].DistanceTo(lost.Mesh[FaceMesh.NoseBridge]) / (lost.Width * Math.Min(4, 1.5 + 0.2 * lost.LostFor));
        }
    }

    /// <summary>The detector's box is rough: the landmarks are sought once to place the region, and once more in it.</summary>
    private float Place(Mat frame_BGR, FaceRegion region, Point2f[] mesh) =>
        landmarker.Find(frame_BGR, region, mesh) < MinimumConfidence ? 0 : landmarker.Find(frame_BGR, FaceRegion.Around(mesh), mesh);

    /// <summary>Two tracks that have run onto one face: the one that was followed longer stays.</summary>
    private void DropDoubles()
    {
        for (var i = 0; i < _tracks.Count; i++)
            for (var j = _tracks.Count - 1; j > i; j--)
            {
                if (_tracks[i].LostFor > 0 || _tracks[j].LostFor > 0 || FaceDetector.Overlap(_tracks[i].Box, _tracks[j].Box) < OverlapOfOneFace) continue;
                _tracks.RemoveAt(_tracks[i].Samples.Count >= _tracks[j].Samples.Count ? j : i);
                if (i >= _tracks.Count) return;
            }
    }

    /// <summary>A mesh that has drifted off the picture, collapsed or jumped in size isn't a face, whatever its confidence.</summary>
    private static bool IsPlausible(ReadOnlySpan<Point2f> mesh, Mat frame, float? widthBefore)
    {
        var width = (float)mesh[FaceMesh.FaceRight].DistanceTo(mesh[FaceMesh.FaceLeft]);
        if (width < 12 || width > 1.5f * Math.Max(frame.Width, frame.Height)) return false;
        if (widthBefore is { } before && (width < 0.6f * before || width > 1.7f * before)) return false;
        var nose = mesh[FaceMesh.NoseBridge];
        return nose.X >= 0 && nose.Y >= 0 && nose.X < frame.Width && nose.Y < frame.Height;
    }
}
