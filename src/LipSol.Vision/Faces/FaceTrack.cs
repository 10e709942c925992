using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>One face through the clip: a sample for each frame in which it was found, and the pixels around its mouth.</summary>
internal sealed class FaceTrack
{
    private readonly List<FaceSample> _samples = [];

    /// <summary>The frames in which the face was found, in order.</summary>
    public IReadOnlyList<FaceSample> Samples => _samples;

    /// <summary>The mouth's surroundings, of each frame in which the face was found or had been found shortly before.</summary>
    public Dictionary<int, MouthPatch> Patches { get; } = [];

    /// <summary>The mesh where the face was last found, in pixels of the scaled frame.</summary>
    public Point2f[] Mesh { get; } = new Point2f[FaceMesh.Points];

    /// <summary>Frames since the face was last found; 0 while it is tracked.</summary>
    public int LostFor { get; private set; }

    /// <summary>The face's width where it was last found.</summary>
    public float Width => (float)Mesh[FaceMesh.FaceRight].DistanceTo(Mesh[FaceMesh.FaceLeft]);

    /// <summary>The box around the mesh.</summary>
    public Rect2f Box
    {
        get
        {
            float left = Mesh.Min(p => p.X), top = Mesh.Min(p => p.Y);
            return new(left, top, Mesh.Max(p => p.X) - left, Mesh.Max(p => p.Y) - top);
        }
    }

    /// <summary>Median width over the frames in which the face was found.</summary>
    public double MedianWidth => _samples.Select(s => (double)s.Observation.FaceWidth).Order().ElementAtOrDefault(_samples.Count / 2);

    /// <summary>Takes up where the face is in this frame.</summary>
    public void Found(ReadOnlySpan<Point2f> mesh, FaceObservation observation, float scale)
    {
        mesh.CopyTo(Mesh);
        LostFor = 0;
        _samples.Add(new(FacePose.Fit(mesh), observation, scale));
    }

    /// <summary>The face wasn't found in this frame.</summary>
    public void Lost() => LostFor++;

    /// <summary>Lets go of all samples but the last ones.</summary>
    public void KeepLast(int count)
    {
        if (_samples.Count > 2 * count) _samples.RemoveRange(0, _samples.Count - count);
    }
}

/// <summary>A face in one frame.</summary>
/// <param name="Pose">Its pose in pixels of the scaled frame.</param>
/// <param name="Observation">What is told of it, in pixels of the source.</param>
/// <param name="Scale">Pixels of the source for each pixel of the scaled frame.</param>
internal readonly record struct FaceSample(FacePose Pose, FaceObservation Observation, float Scale);
