// What echarts.min.js holds of Apache ECharts: the charts, components and renderers that the report uses.
import { use, init } from "echarts/core";
import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import {
    DataZoomInsideComponent,
    GridComponent,
    LegendComponent,
    MarkLineComponent,
    TitleComponent,
    TooltipComponent,
} from "echarts/components";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

use([
    BarChart,
    CustomChart,
    LineChart,
    ScatterChart,
    DataZoomInsideComponent,
    GridComponent,
    LegendComponent,
    MarkLineComponent,
    TitleComponent,
    TooltipComponent,
    LabelLayout,
    CanvasRenderer,
    SVGRenderer,
]);

export { init };
