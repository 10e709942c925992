using LipSol.Client;
using Microsoft.DotNet.Interactive.Formatting;

namespace LipSol.Notebooks;

/// <summary>How LipSol's types look in a notebook. The package's scripts (<c>Extensions/</c>) call <see cref="Register"/> when a notebook references the package.</summary>
public static class NotebookFormatters
{
    /// <summary>Registers the formatters as <c>text/html</c>. Calling it again changes nothing.</summary>
    public static void Register()
    {
        Formatter.Register<UrduFont>((_, writer) => writer.Write(UrduFont.ToHtml()), HtmlFormatter.MimeType);
        Add<NodeStatus>(NodeHtml.Of);
        Add<UserNetwork>(NetworkHtml.Of);
        Add<NodeOverview>(overview => overview.ToHtml());
        Add<CorpusDetails>(CorpusHtml.Of);
        Add<CorpusSummary>(CorpusHtml.Of);
        Add<MouthGallery>(gallery => gallery.ToHtml());
        Add<Run>(RunHtml.Of);
        Add<RunBoard>(board => board.ToHtml());
        Add<MetricChart>(chart => chart.ToHtml());
        Add<RunComparison>(comparison => comparison.ToHtml());
        Add<Estimate>(figure => Markup.Interval(figure));
        Add<ModelVersion>(ModelHtml.Of);
        Add<ModelEvaluation>(evaluation => new EvaluationView(evaluation).ToHtml());
        Add<RunEvaluation>(evaluation => new EvaluationView(evaluation).ToHtml());
        Add<EvaluationView>(view => view.ToHtml());
        Add<ConfusionGrid>(grid => grid.ToHtml());
        Add<PromotionDecision>(PromotionHtml.Of);
        Add<Transcription>(TranscriptionHtml.Of);
        Add<ReadingTable>(table => table.ToHtml());
        Add<Study>(StudyHtml.Of);
        Add<LearningCurveChart>(chart => chart.ToHtml());
        Add<SpreadChart>(chart => chart.ToHtml());
        Add<ParameterSearch>(SearchHtml.Of);
        Add<SearchAnalysis>(ImportanceBars.Of);
        Add<ParallelCoordinates>(picture => picture.ToHtml());
        Add<Pipeline>(PipelineHtml.Of);
        Add<PipelineRun>(PipelineHtml.Of);
        Add<PipelineHistory>(PipelineHtml.Of);
        Add<Saliency>(SaliencyHtml.Of);
        Add<WordConfusions>(confusions => confusions.ToHtml());
    }

    private static void Add<T>(Func<T, string> html) => Formatter.Register<T>((value, writer) => writer.Write(Markup.Output(html(value))), HtmlFormatter.MimeType);
}
