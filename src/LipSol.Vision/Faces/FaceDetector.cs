using OpenCvSharp;
using OpenCvSharp.Dnn;

namespace LipSol.Vision;

/// <summary>A face as the detector sees it, in pixels of the picture.</summary>
internal readonly record struct FaceDetection(Rect2f Box, Point2f RightEye, Point2f LeftEye, float Score);

/// <summary>MediaPipe's short-range face detector (BlazeFace, Bazarevsky et al. 2019). Not thread-safe; reuses its buffers.</summary>
internal sealed class FaceDetector : IDisposable
{
    private const int Input = 128, Anchors = 896, Values = 16;
    private const float MinimumScore = 0.5f, OverlapOfOneFace = 0.3f;

    private static readonly Point2f[] AnchorCentres = MakeAnchors();
    private readonly Net _net = LandmarkModels.LoadDetector();
    private readonly Mat _canvas = new(Input, Input, MatType.CV_8UC3);
    private readonly Mat _boxes = new();
    private readonly Mat _scores = new();
    private readonly string[] _outputs = ["regressors", "classificators"];
    private readonly List<FaceDetection> _found = [];

    /// <summary>All faces of the picture, the surest first. Where the whole picture shows none, parts of it are searched: the detector sees faces
    /// that are smaller than a sixth of its input badly.</summary>
    public IReadOnlyList<FaceDetection> Find(Mat frame_BGR, bool searchParts)
    {
        _found.Clear();
        Search(frame_BGR, new Rect(0, 0, frame_BGR.Width, frame_BGR.Height));
        if (_found.Count == 0 && searchParts)
            foreach (var part in Parts(frame_BGR.Width, frame_BGR.Height))
                Search(frame_BGR, part);
        return Distinct();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _net.Dispose();
        _canvas.Dispose();
        _boxes.Dispose();
        _scores.Dispose();
    }

    private void Search(Mat frame_BGR, Rect part)
    {
        var scale = Input / (float)Math.Max(part.Width, part.Height);
        int width = Math.Clamp((int)MathF.Round(part.Width * scale), 1, Input), height = Math.Clamp((int)MathF.Round(part.Height * scale), 1, Input);
        int left = (Input - width) / 2, top = (Input - height) / 2;
        _canvas.SetTo(Scalar.All(0));
        using (var source = new Mat(frame_BGR, part))
        using (var target = new Mat(_canvas, new Rect(left, top, width, height)))
            Cv2.Resize(source, target, target.Size(), 0, 0, InterpolationFlags.Area);
        using var blob = CvDnn.BlobFromImage(_canvas, 1 / 127.5, new Size(Input, Input), Scalar.All(127.5), swapRB: true, crop: false);
        _net.SetInput(blob);
        _net.Forward([_boxes, _scores], _outputs);
        Decode(part, scale, left, top);
    }

    private unsafe void Decode(Rect part, float scale, int left, int top)
    {
        if (_boxes.Total() * _boxes.Channels() != Anchors * Values || _scores.Total() * _scores.Channels() != Anchors)
            throw new InvalidOperationException($"The face detector gave {_boxes.Total()} and {_scores.Total()} values, not {Anchors * Values} and {Anchors}: another model is in its place.");
        var boxes = new ReadOnlySpan<float>((void*)_boxes.Data, Anchors * Values);
        var scores = new ReadOnlySpan<float>((void*)_scores.Data, Anchors);
        for (var i = 0; i < Anchors; i++)
        {
            var score = 1 / (1 + MathF.Exp(-scores[i]));
            if (score < MinimumScore) continue;
            var v = boxes.Slice(i * Values, Values);
            var anchor = AnchorCentres[i];
            var centre = At(v[0], v[1], anchor);
            float width = v[2] / scale, height = v[3] / scale;
            if (width <= 1 || height <= 1) continue;
            _found.Add(new(new Rect2f(centre.X - width / 2, centre.Y - height / 2, width, height), At(v[4], v[5], anchor), At(v[6], v[7], anchor), score));
        }

        Point2f At(float x, float y, Point2f anchor) => new(part.X + (x + anchor.X * Input - left) / scale, part.Y + (y + anchor.Y * Input - top) / scale);
    }

    private List<FaceDetection> Distinct()
    {
        var kept = new List<FaceDetection>();
        foreach (var face in _found.OrderByDescending(f => f.Score))
            if (kept.TrueForAll(k => Overlap(k.Box, face.Box) < OverlapOfOneFace))
                kept.Add(face);
        return kept;
    }

    /// <summary>Intersection over union.</summary>
    public static float Overlap(Rect2f a, Rect2f b)
    {
        var width = MathF.Min(a.Right, b.Right) - MathF.Max(a.Left, b.Left);
        var height = MathF.Min(a.Bottom, b.Bottom) - MathF.Max(a.Top, b.Top);
        if (width <= 0 || height <= 0) return 0;
        var both = width * height;
        return both / (a.Width * a.Height + b.Width * b.Height - both);
    }

    /// <summary>Squares of the picture's shorter side, then of half of it, each overlapping its neighbours by half.</summary>
    private static IEnumerable<Rect> Parts(int width, int height)
    {
        for (var divisor = 1; divisor <= 2; divisor++)
        {
            var edge = Math.Min(width, height) / divisor;
            if (edge < Input / 2) yield break;
            int columns = Steps(width, edge), rows = Steps(height, edge);
            for (var r = 0; r < rows; r++)
                for (var c = 0; c < columns; c++)
                    yield return new Rect(Offset(c, columns, width - edge), Offset(r, rows, height - edge), edge, edge);
        }

        static int Steps(int length, int edge) => length <= edge ? 1 : (int)Math.Ceiling((length - edge) / (edge / 2.0)) + 1;
        static int Offset(int step, int steps, int span) => steps == 1 ? 0 : step * span / (steps - 1);
    }

    /// <summary>SSD anchors of the short-range model: strides 8, 16, 16, 16; two anchors a layer, of fixed size.</summary>
    private static Point2f[] MakeAnchors()
    {
        var anchors = new List<Point2f>(Anchors);
        Add(Input / 8, 2);
        Add(Input / 16, 6);
        return [.. anchors];

        void Add(int cells, int each)
        {
            for (var y = 0; y < cells; y++)
                for (var x = 0; x < cells; x++)
                    for (var n = 0; n < each; n++)
                        anchors.Add(new((x + 0.5f) / cells, (y + 0.5f) / cells));
        }
    }
}
