using OpenCvSharp;
using OpenCvSharp.Dnn;

namespace LipSol.Vision;

/// <summary>MediaPipe's 468-point face mesh (Kartynnik et al. 2019). Not thread-safe; reuses its buffers.</summary>
internal sealed class FaceLandmarker : IDisposable
{
    private const int Input = 192;

    private readonly Net _net = LandmarkModels.LoadLandmarks();
    private readonly Mat _face = new();
    private readonly Mat _mesh = new();
    private readonly Mat _confidence = new();
    private readonly Mat _warp = new(2, 3, MatType.CV_64FC1);
    private readonly string[] _outputs;

    public FaceLandmarker() => _outputs = OutputNames();

    /// <summary>Finds the mesh of the face in a region of the picture.</summary>
    /// <param name="frame_BGR">The picture.</param>
    /// <param name="region">Where the face is expected.</param>
    /// <param name="mesh">Receives the 468 points in pixels of the picture.</param>
    /// <returns>How sure the model is that a face is there, 0 to 1.</returns>
    public unsafe float Find(Mat frame_BGR, FaceRegion region, Span<Point2f> mesh)
    {
        Affine.Set(_warp, region.ToPicture(0.5f / Input, 0.5f / Input), region.ToPicture(1.5f / Input, 0.5f / Input), region.ToPicture(0.5f / Input, 1.5f / Input));
        Cv2.WarpAffine(frame_BGR, _face, _warp, new Size(Input, Input), InterpolationFlags.Linear | InterpolationFlags.WarpInverseMap, BorderTypes.Replicate);
        using var blob = CvDnn.BlobFromImage(_face, 1 / 255.0, new Size(Input, Input), Scalar.All(0), swapRB: true, crop: false);
        _net.SetInput(blob);
        _net.Forward([_mesh, _confidence], _outputs);
        var values = new ReadOnlySpan<float>((void*)_mesh.Data, 3 * FaceMesh.Points);
        for (var i = 0; i < FaceMesh.Points; i++) mesh[i] = region.ToPicture(values[3 * i] / Input, values[3 * i + 1] / Input);
        return 1 / (1 + MathF.Exp(-*(float*)_confidence.Data));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _net.Dispose();
        _face.Dispose();
        _mesh.Dispose();
        _confidence.Dispose();
        _warp.Dispose();
    }

    /// <summary>The outputs' names carry no meaning in this model: they are told apart by their sizes.</summary>
    private string[] OutputNames()
    {
        var names = _net.GetUnconnectedOutLayersNames().OfType<string>().ToArray();
        using var blank = new Mat(Input, Input, MatType.CV_8UC3, Scalar.All(0));
        using var blob = CvDnn.BlobFromImage(blank, 1, new Size(Input, Input));
        string? mesh = null, confidence = null;
        foreach (var name in names)
        {
            _net.SetInput(blob);
            using var output = _net.Forward(name);
            if (output.Total() == 3 * FaceMesh.Points) mesh = name;
            else if (output.Total() == 1) confidence = name;
        }

        return mesh is not null && confidence is not null ? [mesh, confidence]
            : throw new InvalidOperationException("The landmark model has no output of 468 points and a confidence: another model is in its place.");
    }
}
